// Copies the page's Markdown when asked. Without a clipboard the link beside the button remains.
const offerCopy = button => {
  const link = button.parentElement.querySelector("a")
  const status = button.parentElement.querySelector("[role=status]")
  // With its language, which may not be the page's.
  const message = outcome =>
    button.parentElement.querySelector(`[data-outcome=${outcome}]`).content.cloneNode(true)
  const markdown = async () => {
    const response = await fetch(button.dataset.address)
    if (!response.ok) throw new Error(`${response.status} ${response.url}`)
    return new Blob([await response.text()], { type: "text/plain" })
  }
  button.hidden = false
  button.addEventListener("click", async () => {
    // What is said twice is announced twice.
    status.replaceChildren()
    try {
      // A promise, as Safari allows no writing once an answer has been waited for.
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": markdown() })])
      status.replaceChildren(message("copied"))
    } catch {
      status.replaceChildren(message("failed"), " ", link.cloneNode(true))
    }
  })
}
if (navigator.clipboard && window.ClipboardItem) {
  document.querySelectorAll(".markdown-actions button").forEach(offerCopy)
}
