"""The tests of the pages would see what is wrong."""

from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW


def test_sees_a_box_without_a_label_and_a_page_too_wide(site, visit):
    page = visit(site)
    page.goto("/account/login/")
    assert faults_of(page) == []

    page.evaluate("document.querySelector('main label').remove()")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', `<p>${'x'.repeat(60)}</p>`)")
    page.evaluate("document.querySelector('main').lastChild.className = 'vv-nowrap'")

    faults = faults_of(page)
    assert [fault for fault in faults if "(label)" in fault]
    assert [fault for fault in faults if f"at {NARROW['width']} px: the page is" in fault]


def test_hears_what_a_page_may_not_do(site, visit):
    page = visit(site)
    page.goto("/account/login/")

    page.evaluate("fetch('https://elsewhere.example/').catch(() => {})")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.evaluate("setTimeout(() => { throw new Error('Broken') })")
    page.wait_for_timeout(200)

    heard = "\n".join(visit.watch.heard())
    assert "connect-src" in heard
    assert "style-src" in heard
    assert "A script failed: Broken" in heard
