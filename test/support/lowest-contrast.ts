/** What is small print still has to be read: WCAG 2.2, 1.4.3. */
export const CONTRAST_MIN = 4.5;

/** A script that tells, in a page, the contrast of each text with the nearest ground behind it, the lowest first. */
export const LOWEST_CONTRAST = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return numbers(color)[3] === 0 ? groundOf(element.parentElement) : color;
  };
  const texts = [...document.body.querySelectorAll('*')].filter((it) =>
    it.checkVisibility() && [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''),
  );
  const contrasts = texts.map((it) => {
    const both = [light(getComputedStyle(it).color), light(groundOf(it))].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  });
  return Math.min(...contrasts);
})()`;
