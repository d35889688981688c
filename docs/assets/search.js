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

// In words: more that are pasted say nothing more.
const MOST_WORDS = 12
// Pages that are looked at before they are shown.
const MOST_RESULTS = 10
// As `WEIGHT` in src/llmdocs/pages/search.py.
const ALIAS_WEIGHT = 10

// How well a section answers: words of its heading count more, and words that are rare.
const score = (section) => section.weighted_locations.reduce((sum, { balanced_score }) => sum + balanced_score, 0)

// Pagefind finds nothing if no page has every word. Then those are left out that no page has beside
// the rarest: of what is pasted, a number or a path may be the reader's own.
const withFewerWords = async (find, text) => {
  const found = await find(text)
  const words = text?.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS) ?? []
  if (found.results.length || words.length < 2) return found
  const pages = await Promise.all(words.map(async (word) => (await find(word)).results.length))
  const rarest = [...words.keys()].filter((place) => pages[place]).sort((one, other) => pages[one] - pages[other])
  let [kept, best] = [[], found]
  for (const place of rarest) {
    const tried = [...kept, place].sort((one, other) => one - other)
    const some = await find(tried.map((at) => words[at]).join(" "))
    if (some.results.length) [kept, best] = [tried, some]
  }
  return best
}

// Whether an alias of a section has as many matching words one after the other.
const hasAlias = (section, words) => {
  const places = section.weighted_locations.filter(({ weight }) => weight >= ALIAS_WEIGHT).map(({ location }) => location)
  return places.some((place) => Array.from({ length: words }, (_, more) => place + more).every((at) => places.includes(at)))
}

// A page answers best if an alias of one of its sections is what was typed.
const aliasesFirst = async (found, text) => {
  const words = text?.split(/\s+/).filter(Boolean).length ?? 0
  if (words < 2) return found
  const pages = found.results.slice(0, MOST_RESULTS)
  const first = await Promise.all(
    pages.map(async (page) => (await page.data()).sub_results.some((section) => hasAlias(section, words))),
  )
  const results = [...pages.filter((_, place) => first[place]), ...pages.filter((_, place) => !first[place])]
  return { ...found, results: [...results, ...found.results.slice(MOST_RESULTS)] }
}

const makeDialog = async () => {
  const [, , pagefind] = await Promise.all([
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
  const load = instance.__load__.bind(instance)
  instance.__load__ = async () => {
    await load()
    const search = async (text, options) =>
      aliasesFirst(await withFewerWords((words) => pagefind.search(words, options), text), text)
    instance.__pagefind__ = { ...pagefind, search }
  }
  // The best section of a page comes first, where Pagefind keeps the page's order.
  instance.getDisplaySubResults = ({ url, sub_results }, most = 3) =>
    sub_results
      .filter((section) => section.url !== url)
      .sort((one, other) => score(other) - score(one))
      .slice(0, most)
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
