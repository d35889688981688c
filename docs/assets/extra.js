// What Material's script adds to a page, or its templates repeat, and screen readers stumble on.
const fix = () => {
  // Each code block and each level of the contents would be a landmark of its own.
  for (const nav of document.querySelectorAll(".md-code__nav, .md-nav--secondary .md-nav")) {
    nav.removeAttribute("aria-label")
    nav.setAttribute("role", "none")
  }
  // A section with a page of its own is named by that page: its label is an icon alone.
  for (const label of document.querySelectorAll(".md-nav__container > label")) {
    const nav = label.parentElement.nextElementSibling
    nav.removeAttribute("aria-labelledby")
    nav.setAttribute("aria-label", label.previousElementSibling.textContent.trim())
  }
  // A wide table is scrolled with the arrow keys once it can be focused.
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    table.tabIndex = table.scrollWidth > table.clientWidth ? 0 : -1
  }
}
fix()
new MutationObserver(fix).observe(document.body, { childList: true, subtree: true })

// "Copied" is announced.
document.querySelector(".md-dialog")?.setAttribute("role", "status")

// The menu of a narrow screen. While it is open, it alone takes the focus.
const menu = document.querySelector(".menu-button")
const drawer = document.getElementById("__drawer")
const narrow = matchMedia("(max-width: 76.234375em)")
const show = () => {
  const isOpen = drawer.checked && narrow.matches
  menu.setAttribute("aria-expanded", isOpen)
  for (const part of document.querySelectorAll(".md-content, .md-footer")) part.inert = isOpen
}
menu.addEventListener("click", () => drawer.click())
drawer.addEventListener("change", show)
narrow.addEventListener("change", show)
document.addEventListener("keydown", event => {
  if (event.key !== "Escape" || !drawer.checked || !narrow.matches) return
  drawer.click()
  menu.focus()
})

// On paper nothing can be unfolded, and a link is its address.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll(".md-content details")) details.open = true
  for (const link of document.querySelectorAll(".md-content a[href]:not([href^='#'], .headerlink)")) {
    link.dataset.printed = link.href
  }
})
