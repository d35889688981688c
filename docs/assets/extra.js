// What Material's script adds to a page, or its templates repeat, and screen readers stumble on.
const fix = () => {
  // Each code block and each level of the contents would be a landmark of its own.
  for (const nav of document.querySelectorAll(".md-code__nav, .md-nav--secondary .md-nav")) {
    nav.removeAttribute("aria-label")
    nav.setAttribute("role", "none")
  }
  // A section with a page of its own is labelled by an icon alone.
  for (const label of document.querySelectorAll(".md-nav__container > label")) {
    label.setAttribute("aria-label", label.previousElementSibling.textContent.trim())
  }
  // A wide table is scrolled with the arrow keys once it can be focused.
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    table.tabIndex = table.scrollWidth > table.clientWidth ? 0 : -1
  }
}
fix()
new MutationObserver(fix).observe(document.body, { childList: true, subtree: true })
