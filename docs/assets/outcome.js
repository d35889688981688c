// What is folded under a heading opens when a link leads to that heading.
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!target || !/^H\d$/.test(target.tagName)) return
  for (let part = target.nextElementSibling; part && !/^H\d$/.test(part.tagName); part = part.nextElementSibling) {
    if (part.matches("details.outcome")) part.open = true
  }
}
open()
addEventListener("hashchange", open)
