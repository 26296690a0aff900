// Each line of text that has more characters than one reads well, as the page is set now: [count, element, line].
(most) => {
  const INLINE = /^(inline|contents)$/;
  const texts = new Map(); // of a block: its pieces of text
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    let block = node.parentElement;
    while (INLINE.test(getComputedStyle(block).display)) block = block.parentElement;
    texts.set(block, [...(texts.get(block) || []), node]);
  }
  const range = document.createRange();
  const found = [];
  for (const [block, nodes] of texts) {
    if (block.textContent.trim().length <= most || block.closest("svg, select, .govuk-visually-hidden")) continue;
    const lines = [];
    for (const node of nodes) {
      for (const word of node.data.matchAll(/\S+/g)) {
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const [box, broken] = range.getClientRects();
        if (!box || broken || box.width < 2) continue;
        let line = lines.find((other) => Math.abs(other.bottom - box.bottom) < box.height / 2);
        if (!line) lines.push((line = { bottom: box.bottom, words: [] }));
        line.words.push(word[0]);
      }
    }
    for (const line of lines) {
      const words = line.words.join(" ");
      if (words.length > most) found.push([words.length, block.outerHTML.slice(0, 80), words]);
    }
  }
  return found;
};
