// The language menu leads to the section that the reader is at: its anchor is the same in every
// language.
{
  const menu = document.querySelector(".md-select__list")

  // What the address names, while it is in view, or the last heading in its upper quarter or above.
  const section = () => {
    const named = document.querySelector(":target")
    const top = named?.getBoundingClientRect().top
    if (top >= 0 && top < innerHeight) return named.id
    const headings = [...document.querySelectorAll("article :is(h1, h2, h3, h4, h5, h6)[id]")]
    const passed = headings.filter(({ offsetParent }) => offsetParent)
      .findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 4)
    return passed && scrollY > 0 && passed.tagName !== "H1" ? passed.id : ""
  }

  const follow = () => {
    for (const link of menu.querySelectorAll("a[hreflang]")) link.hash = section()
  }
  // Before a link is followed, opened in a tab of its own, or copied.
  for (const event of ["pointerover", "pointerdown", "focusin", "click"]) {
    menu?.addEventListener(event, follow, { capture: true })
  }

  // Who has chosen a language is not offered another.
  menu?.addEventListener("click", () => __md_set("__language_offered", true))
}
