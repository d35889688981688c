// The search dialog is Pagefind's own. Nothing of it is fetched before a reader searches.
const button = document.querySelector("[data-pagefind]")
const bundle = new URL(button.dataset.pagefind, location).href

const fetched = (tag, attributes) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes)
    element.onload = resolve
    element.onerror = () => reject(new Error(`${bundle} did not answer`))
    document.head.append(element)
  })

const makeDialog = async () => {
  await Promise.all([
    fetched("link", { rel: "stylesheet", href: `${bundle}pagefind-component-ui.css` }),
    fetched("script", { src: `${bundle}pagefind-component-ui.js` }),
    // The dialog would fetch it too, but speaks English if it cannot.
    import(`${bundle}pagefind.js`),
  ])
  const instance = PagefindComponents.configureInstance("default", {
    bundlePath: bundle,
    // In words: about two lines.
    excerptLength: 20,
  })
  instance.setLanguage()
  instance.setTranslations({
    clear_search: button.dataset.clear,
    // Escape closes the dialog, where Pagefind's hint speaks of the field alone.
    keyboard_clear: instance.translate("keyboard_close"),
  })
  const modal = document.createElement("pagefind-modal")
  document.body.append(modal)
  const dialog = modal.querySelector("dialog")
  // What is outside an open dialog is not read aloud: the announcements move into it.
  dialog.append(document.querySelector("[data-pagefind-announcer]"))
  // Letters that are typed in it are no shortcuts of the page.
  dialog.addEventListener("keydown", (event) => event.stopPropagation())
  // A result on this very page is hidden by the dialog.
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) modal.close()
  })
  return modal
}

// What a reader types until the dialog is there, which would else be shortcuts of the page.
let typed = ""
const holdKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  event.stopPropagation()
  if (event.key.length === 1) typed += event.key
  if (event.key === "Backspace") typed = typed.slice(0, -1)
}

let dialog
const open = async () => {
  addEventListener("keydown", holdKey, true)
  try {
    dialog ??= makeDialog()
    const modal = await dialog
    modal.open()
    const input = modal.querySelector("input")
    input.select()
    if (typed) {
      input.value = typed
      input.dispatchEvent(new Event("input"))
    }
  } catch (error) {
    console.error(error)
    // The next try asks again.
    alert$.next(button.dataset.failed)
    dialog = undefined
  } finally {
    typed = ""
    removeEventListener("keydown", holdKey, true)
  }
}

const isShortcut = (event) => {
  const combined = event.ctrlKey || event.metaKey
  if (event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return false
  return event.key === (combined ? "k" : "/")
}

// The theme's own passing message: it shows others there, which are in the page's language.
const message = document.querySelector("[data-md-component=dialog]")
alert$.subscribe((text) => {
  const { failed, failedLanguage } = button.dataset
  message.lang = text === failed ? failedLanguage : document.documentElement.lang
})

button.addEventListener("click", open)
document.addEventListener("keydown", (event) => {
  if (!isShortcut(event)) return
  event.preventDefault()
  open()
})
