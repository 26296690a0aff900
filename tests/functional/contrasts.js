// Runs axe, and asks its rule for contrasts once for each look.
//
// axe asks of each word on a page whether it stands out, and takes four fifths of its time over that. But all pages have
// a few dozen looks between them: a colour on a background, in a size and a weight. A look that axe has passed isn't
// asked about again. axe is asked as before where a look alone doesn't decide: text on a picture, a gradient or a
// half-transparent colour, with a shadow, under or over something else, or outside the box whose background it seems
// to have. (What ::before and ::after paint, axe never blames.)
//
// Takes axe's options, and the looks that passed before; returns what axe finds, and the looks that passed now.
async ([options, passedBefore]) => {
  const rule = axe._audit.rules.find(({ id }) => id === "color-contrast");
  const check = axe._audit.checks["color-contrast"];
  const isForAxe = rule.matches;
  const askAxe = check.evaluate;
  const known = new Set(passedBefore);
  const passed = [];
  const CLEAR = "rgba(0, 0, 0, 0)";
  const PICTURES = "img, svg, canvas, video, iframe, object, embed, input[type=image]";
  const OFF = {
    opacity: "1", filter: "none", backdropFilter: "none", mixBlendMode: "normal", backgroundImage: "none",
    backgroundClip: "border-box", clipPath: "none", maskImage: "none", textShadow: "none", webkitTextStrokeWidth: "0px",
  };

  const hex = (colour) => {
    const numbers = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
    return numbers && `#${numbers.slice(1).map((number) => Number(number).toString(16).padStart(2, "0")).join("")}`;
  };
  const isClear = (element) => getComputedStyle(element).backgroundColor === CLEAR;
  const isPlain = (style) => Object.entries(OFF).every(([property, off]) => style[property] === off) &&
    !(style.zIndex < 0);

  // Numbers: a browser takes its time to answer for a side of its own rectangle.
  const sidesOf = ({ left, right, top, bottom }) => ({ left, right, top, bottom });

  // The background of each element: its colour and the element that has it, or null where that isn't sure. And the
  // box of each element that paints over what is under it, or may.
  const lookOver = () => {
    const grounds = new Map([[null, { colour: "#ffffff", owner: null }]]);
    const boxes = [];
    for (const element of document.querySelectorAll("*")) {  // a parent comes before its children
      const style = getComputedStyle(element);
      const parent = grounds.get(element.parentElement);
      const paints = style.backgroundColor !== CLEAR;
      const isSure = parent && isPlain(style) && !element.matches(PICTURES);
      const colour = paints ? hex(style.backgroundColor) : parent?.colour;
      const owner = element === document.body && isClear(document.documentElement) ? null : element;  // the page's
      grounds.set(element, isSure && colour ? (paints ? { colour, owner } : parent) : null);
      if (paints || !isSure) boxes.push([element, sidesOf(element.getBoundingClientRect())]);
    }
    return { grounds, boxes };
  };

  const rectsOf = (element) => {
    if (element.matches("input, select, textarea")) return [sidesOf(element.getBoundingClientRect())];
    const range = document.createRange();
    return [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())
      .flatMap((node) => (range.selectNodeContents(node), [...range.getClientRects()].map(sidesOf)));
  };
  const within = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
    inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
  const touch = (one, other) => one.left < other.right && one.right > other.left &&
    one.top < other.bottom && one.bottom > other.top;

  // What decides whether a word stands out, or null where more does.
  let seen = null;
  const looks = new Map();
  const lookOf = (element) => {
    if (!looks.has(element)) looks.set(element, findLook(element));
    return looks.get(element);
  };
  const findLook = (element) => {
    const { grounds, boxes } = (seen ??= lookOver());
    const ground = grounds.get(element);
    const rects = rectsOf(element);
    if (!ground || !rects.length) return null;
    const style = getComputedStyle(element);
    const colour = hex(style.color);
    if (!colour) return null;
    const home = ground.owner && sidesOf(ground.owner.getBoundingClientRect());
    if (home && !rects.every((rect) => within(rect, home))) return null;
    if (boxes.some(([other, box]) => rects.some((rect) => touch(rect, box)) && !other.contains(element))) return null;
    const name = [colour, ground.colour, style.fontSize, style.fontWeight].join(" ");
    return { name, colour, ground: ground.colour };
  };

  rule.matches = function (element, ...rest) {
    return !known.has(lookOf(element)?.name) && isForAxe.call(this, element, ...rest);
  };
  check.evaluate = function (element, ...rest) {
    const look = lookOf(element);
    if (known.has(look?.name)) return true;
    let said = {};
    const asked = { relatedNodes: (nodes) => this.relatedNodes(nodes), data: (data) => this.data(said = data) };
    const verdict = askAxe.call(asked, element, ...rest);
    if (verdict === true && look && said.fgColor === look.colour && said.bgColor === look.ground) {
      known.add(look.name);
      passed.push(look.name);
    }
    return verdict;
  };
  const { violations } = await axe.run(document, options);
  // The next run looks anew: in the dark, the same words have other colours.
  rule.matches = isForAxe;
  check.evaluate = askAxe;
  return { violations, passed };
}
