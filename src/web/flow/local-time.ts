/** Tells the times of the page in the reader's own zone; the server only knows the common one. */
export function showLocalTimes(document: Document): void {
  const { lang } = document.documentElement;
  for (const element of document.querySelectorAll('time[data-local]')) {
    const instant = new Date(element.getAttribute('datetime') ?? '');
    if (Number.isNaN(instant.getTime())) continue;
    element.textContent = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short' }).format(instant);
  }
}
