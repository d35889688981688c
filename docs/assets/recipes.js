// Recipes with a reader's own values and in the format they chose; on some pages, of the provider
// that they pick. What is typed stays in this browser, and is only ever written as text.
import { FROM_FILE, Recipes, Unwritable } from "./forms.js"

const STORED = "llmdocs.values"
const CHECKS = {
  env: "llmdocs doctor --env-file .env",
  toml: "llmdocs doctor --config llm.toml",
  bash: "llmdocs doctor",
  fish: "llmdocs doctor",
  powershell: "llmdocs doctor",
}
const FROM_ENVIRONMENT = "LLM.from_env()"

const set = document.querySelector(".tabbed-set[data-recipe]")

const start = async () => {
  const words = JSON.parse(document.getElementById("recipe-words").textContent)
  const response = await fetch(new URL("recipes.json", import.meta.url))
  const recipes = new Recipes(await response.json())
  const { providers, forms } = recipes.data

  const asked = new URLSearchParams(location.search)
  const isPicker = set?.hasAttribute("data-picker")
  const known = (name, table, fallback) => (Object.hasOwn(table, name ?? "") ? name : fallback)
  const state = {
    provider: isPicker ? known(asked.get("provider"), providers, set.dataset.recipe) : set?.dataset.recipe,
    need: "chat",
    stored: __md_get(STORED) ?? {},
    // Of the link that was followed: used, and kept only if the reader says so.
    linked: {},
  }
  state.need = isPicker ? known(asked.get("need"), providers[state.provider].programs, "chat") : "chat"

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties)
    made.append(...children)
    return made
  }

  // What stands in a block of code is changed where it differs, so that its colours stay.
  const textNodes = code => {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
    const nodes = []
    while (walker.nextNode()) nodes.push(walker.currentNode)
    return nodes
  }
  const replaceRange = (code, start, end, text) => {
    let here = 0
    let isWritten = false
    for (const node of textNodes(code)) {
      const { length } = node.data
      const [from, to] = [Math.max(start - here, 0), Math.min(end - here, length)]
      here += length
      if (from > length || to < 0 || (isWritten && from >= to)) continue
      if (!isWritten && from === length && here < end + 1 && start !== end) continue
      node.replaceData(from, Math.max(to - from, 0), isWritten ? "" : text)
      isWritten = true
      if (here >= end) return
    }
  }
  const write = (code, text) => {
    const before = code.textContent.split("\n")
    const after = text.split("\n")
    if (before.length !== after.length) {
      code.textContent = text
      return
    }
    let place = code.textContent.length
    for (let line = before.length - 1; line >= 0; line--) {
      const [old, now] = [before[line], after[line]]
      place -= old.length
      if (old !== now) {
        let start = 0
        while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++
        let end = 0
        while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++
        replaceRange(code, place + start, place + old.length - end, now.slice(start, now.length - end))
      }
      place -= 1
    }
    if (code.textContent !== text) code.textContent = text
  }

  const codeOf = block => block.querySelector("code")
  const original = new Map()
  const originalOf = code => {
    if (!original.has(code)) original.set(code, code.textContent)
    return original.get(code)
  }

  const valuesOf = provider => ({ ...state.stored[provider], ...(provider === state.provider ? state.linked : {}) })
  const variablesOf = provider => {
    const values = valuesOf(provider)
    const { variables, own } = providers[provider]
    return variables.map(([name, value]) => {
      const item = own.find(({ variable }) => variable === name)
      const typed = item && values[item.key]
      return [name, typed ? value.replace(item.text, () => typed) : value]
    })
  }

  const chosenForm = () => {
    if (set) {
      const checked = [...set.querySelectorAll(":scope > input")].findIndex(input => input.checked)
      return forms[set.querySelectorAll(".tabbed-labels > label")[checked].textContent.trim()]
    }
    const remembered = (__md_get("__tabs") ?? []).find(label => Object.hasOwn(forms, label))
    return remembered && forms[remembered]
  }

  const showPrograms = () => {
    const variables = variablesOf(state.provider)
    const source = providers[state.provider].programs[state.need]
    const blocks = set.querySelectorAll(":scope > .tabbed-content > .tabbed-block")
    Object.values(forms).forEach((form, index) => {
      const codes = [...blocks[index].querySelectorAll(".highlight")].map(codeOf)
      codes.forEach(originalOf)
      blocks[index].classList.remove("refused")
      try {
        recipes.parts(variables, form, source).forEach(({ text }, part) => write(codes[part], text))
      } catch (error) {
        if (!(error instanceof Unwritable)) throw error
        blocks[index].classList.add("refused")
        codes.forEach(code => { code.textContent = words.refused.replace("{variable}", () => error.variable) })
      }
    })
  }

  // The other snippets of a page follow the format; their values are the page's.
  const snippets = [...document.querySelectorAll("article .language-python code")]
    .filter(code => !set?.contains(code) && originalOf(code).split("LLM.from_env(").length === 2)
    .filter(code => originalOf(code).includes(FROM_ENVIRONMENT) || (set && originalOf(code).includes(FROM_FILE.env)))
  const right = [...document.querySelectorAll("article .right code")]
  const showSnippets = form => {
    const variables = state.provider && variablesOf(state.provider)
    for (const code of snippets) {
      const source = originalOf(code).replace(FROM_FILE.env, FROM_ENVIRONMENT)
      if (form === "python" && !variables) write(code, originalOf(code))
      else {
        try {
          write(code, form ? recipes.withClient(source, form, variables ?? []) : originalOf(code))
        } catch (error) {
          if (!(error instanceof Unwritable)) throw error
        }
      }
    }
    if (!state.provider || isPicker) return
    const values = new Map(variables)
    for (const code of right) {
      const lines = originalOf(code).trimEnd().split("\n").map(line => line.split("=", 1)[0])
      try {
        const known = lines.every(name => values.has(name))
        write(code, known ? recipes.written(lines.map(name => [name, values.get(name)]), "env") : originalOf(code))
      } catch (error) {
        if (!(error instanceof Unwritable)) throw error
      }
    }
  }

  const check = element("p", { className: "recipe-check", hidden: true })
  let isChanged = isPicker && (state.provider !== set.dataset.recipe || state.need !== "chat")
  const show = () => {
    const form = chosenForm()
    isChanged ||= Object.values(valuesOf(state.provider)).some(Boolean)
    if (set && isChanged) showPrograms()
    showSnippets(form)
    check.hidden = !isPicker || !CHECKS[form]
    check.replaceChildren(`${words.check} `, element("code", { textContent: CHECKS[form] ?? "" }))
  }

  const keep = () => __md_set(STORED, state.stored)
  const fields = element("div", { className: "recipe-fields" })
  const reset = element("button", { type: "button", className: "md-button", textContent: words.reset })
  const showFields = () => {
    const values = valuesOf(state.provider)
    fields.replaceChildren(...providers[state.provider].own.map(({ key, variable, text }) => {
      const input = element("input", {
        className: "md-input", type: "text", value: values[key] ?? "", placeholder: text,
        autocomplete: "off", spellcheck: false,
      })
      input.addEventListener("input", () => {
        delete state.linked[key]
        state.stored[state.provider] = { ...state.stored[state.provider], [key]: input.value.trim() }
        isChanged = true
        keep()
        show()
      })
      const isWhole = text === providers[state.provider].variables.find(([name]) => name === variable)[1]
      const place = isWhole ? [] : [" ", element("small", { textContent: variable })]
      const label = element("span", {}, element("code", { textContent: isWhole ? variable : text }), ...place)
      return element("label", {}, label, input)
    }))
  }
  reset.addEventListener("click", () => {
    delete state.stored[state.provider]
    state.linked = {}
    isChanged = true
    notice.hidden = true
    keep()
    showFields()
    show()
  })

  const notice = element("div", { className: "recipe-notice", hidden: true })
  const showNotice = () => {
    const accept = element("button", { type: "button", className: "md-button", textContent: words.keep })
    accept.addEventListener("click", () => {
      state.stored[state.provider] = valuesOf(state.provider)
      state.linked = {}
      keep()
      notice.hidden = true
    })
    const listed = Object.entries(state.linked).flatMap(([key, value]) => [" ", element("code", { textContent: `${key}=${value}` })])
    notice.replaceChildren(element("p", {}, words.linked, ...listed), accept)
    notice.hidden = false
  }

  const select = (label, options, chosen, change) => {
    const menu = element("select", { className: "md-input" })
    menu.append(...options.map(([value, text]) => element("option", { value, textContent: text, selected: value === chosen })))
    menu.addEventListener("change", () => change(menu.value))
    return element("label", {}, element("span", { textContent: label }), menu)
  }
  const picker = element("div", { className: "recipe-picker" })
  const showPicker = () => {
    const { programs } = providers[state.provider]
    const remember = () => {
      const query = new URLSearchParams({ provider: state.provider, need: state.need })
      history.replaceState(history.state, "", `?${query}${location.hash}`)
      isChanged = true
      showPicker()
      showFields()
      show()
    }
    const titles = Object.entries(providers).map(([name, { title }]) => [name, title])
    const focused = [...picker.querySelectorAll("select")].indexOf(document.activeElement)
    picker.replaceChildren(
      select(words.provider, titles, state.provider, value => {
        state.provider = value
        state.linked = {}
        notice.hidden = true
        if (!Object.hasOwn(providers[value].programs, state.need)) state.need = "chat"
        remember()
      }),
      select(words.need, Object.keys(programs).map(need => [need, words[need]]), state.need, value => {
        state.need = value
        remember()
      }),
    )
    if (focused >= 0) picker.querySelectorAll("select")[focused].focus()
  }

  const download = event => {
    const block = event.target.closest(".highlight")
    const address = URL.createObjectURL(new Blob([codeOf(block).textContent], { type: "text/plain" }))
    element("a", { href: address, download: event.target.dataset.name }).click()
    setTimeout(() => URL.revokeObjectURL(address), 1000)
  }

  if (set) {
    for (const { key, field } of providers[state.provider].own) {
      const value = asked.get(key) ?? asked.get(field)
      if (value) state.linked[key] = value.trim()
    }
    const own = element("details", { className: "recipe-values" },
      element("summary", { textContent: words.title }), fields, element("p", { textContent: words.note }), reset)
    own.open = Object.keys(valuesOf(state.provider)).length > 0
    set.before(...(isPicker ? [picker] : []), notice, own)
    set.after(check)
    for (const title of set.querySelectorAll(".filename")) {
      if (!title.textContent.includes(".")) continue
      const name = title.textContent
      const button = element("button", { type: "button", className: "recipe-download", textContent: words.download, onclick: download })
      button.dataset.name = name
      button.setAttribute("aria-label", `${words.download} ${name}`)
      title.append(button)
    }
    const label = Object.keys(forms).find(one => forms[one] === asked.get("form"))
    if (label) [...set.querySelectorAll(".tabbed-labels > label")].find(one => one.textContent.trim() === label).click()
    if (isPicker) showPicker()
    showFields()
    if (Object.keys(state.linked).length) showNotice()
  }
  show()
  document.addEventListener("change", event => {
    if (event.target.matches(".tabbed-set > input")) show()
  })
  // The theme checks the tab that was chosen on another page after this.
  addEventListener("load", () => setTimeout(show))
}
// Most pages have nothing to write: they ask for no data.
const codes = [...document.querySelectorAll("article .language-python code")]
if (set || codes.some(code => code.textContent.includes(FROM_ENVIRONMENT))) start()
