// Offers a reader who comes for the first time the language that their browser asks for.
{
  const OFFERED = "__language_offered"
  const offers = document.querySelectorAll("template[data-offer]")
  const languages = [document.documentElement.lang, ...[...offers].map(({ dataset }) => dataset.offer)]

  const kind = (language) => language.toLowerCase().split("-")[0]
  const nearest = (wanted) =>
    languages.find((language) => language.toLowerCase() === wanted.toLowerCase()) ??
    languages.find((language) => kind(language) === kind(wanted))

  const preferred = navigator.languages.map(nearest).find(Boolean)
  const offer = [...offers].find(({ dataset }) => dataset.offer === preferred)
  if (offer && __md_get(OFFERED) === null) {
    __md_set(OFFERED, true)
    // A browser that keeps nothing would make the offer again on each visit.
    if (__md_get(OFFERED)) {
      offer.after(offer.content)
      const shown = offer.nextElementSibling
      shown.querySelector("button").addEventListener("click", () => shown.remove())
    }
  }
}
