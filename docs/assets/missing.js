// The page for missing addresses speaks the language of the address, and names the nearest pages.
{
  const { home, default: fallback, titles } = JSON.parse(document.getElementById("missing").text)

  // Names of pages are not encoded. What is not encoded rightly is compared as it is.
  const decoded = (path) => {
    try {
      return decodeURIComponent(path)
    } catch {
      return path
    }
  }

  const address = decoded(location.pathname.slice(home.length))
  const [first] = address.split("/")
  const language = Object.hasOwn(titles, first) ? first : fallback

  // An address without the language and what differs between a page and its file. The default
  // language's pages have no folder of their own, but a reader may think so.
  const plain = (address, language) => {
    const start = `${language}/`
    const path = address.startsWith(start) ? address.slice(start.length) : address
    return path.toLowerCase().replace(/(\.html|\.md)?\/*$/, "").replace(/(^|\/)index$/, "")
  }

  // How many letters have to be added, removed or changed.
  const distance = (from, to) => {
    let row = Array.from({ length: to.length + 1 }, (_, index) => index)
    for (const [line, letter] of [...from].entries()) {
      const next = [line + 1]
      for (let column = 1; column <= to.length; column++) {
        const changed = row[column - 1] + (letter !== to[column - 1])
        next.push(Math.min(changed, row[column] + 1, next[column - 1] + 1))
      }
      row = next
    }
    return row.at(-1)
  }

  const asked = plain(address, language)
  const last = (path) => path.split("/").at(-1)

  // A name that is begun, as `troubleshoot`, has this many letters at least.
  const BEGUN = 4

  // The page with the same name elsewhere, or one that begins so; or that whose address, or name,
  // differs by a third at most.
  const nearest = (language) => {
    const found = Object.keys(titles[language])
      .filter((address) => plain(address, language))
      .map((address) => {
        const path = plain(address, language)
        const [name, named] = [last(path), last(asked)]
        const moved = name === named || (named.length >= BEGUN && name.startsWith(named))
        const misspelt = distance(name, named) <= named.length / 3
        return { address, letters: misspelt ? distance(name, named) : distance(path, asked), moved }
      })
      .filter(({ letters, moved }) => moved || letters <= asked.length / 3)
      .sort((one, other) => other.moved - one.moved || one.letters - other.letters)
    return found[0]?.address
  }

  const suggest = () => {
    for (const place of document.querySelectorAll("[data-nearest]")) {
      const address = nearest(place.dataset.nearest)
      if (!address) continue
      const link = place.querySelector("a")
      link.href = home + address
      link.textContent = titles[place.dataset.nearest][address]
      place.hidden = false
    }
  }

  const stay = () => {
    suggest()
    // The parser has to meet them: added later, the theme's script does not measure the page.
    document.write(document.getElementById("scripts").innerHTML)
  }

  // A document that is written calls off the way to a page that the reader has chosen meanwhile.
  const leaving = new AbortController()
  addEventListener("beforeunload", () => leaving.abort())

  const replace = async () => {
    const answer = await fetch(`${home}${language}/404.html`, { signal: leaving.signal })
    if (!answer.ok) throw new Error(answer.statusText)
    const page = await answer.text()
    document.open()
    document.write(page)
    document.close()
  }

  if (document.documentElement.lang === language) stay()
  else replace().catch(suggest)
}
