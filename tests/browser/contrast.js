/* Contrast of text inside drawings, which axe leaves open because it does not read SVG shapes.
   Called with the selectors of SVG texts; gives those whose contrast with the topmost filled shape
   behind their middle is below 4.5 : 1 (WCAG 2.2, success criterion 1.4.3). */
(selectors) => {
  const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = (colour) => {
    const [red, green, blue] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const opaque = (colour) => colour !== "none" && channels(colour)[3] !== 0;
  const isShape = (element) => ["rect", "path", "polygon", "circle"].includes(element.tagName);
  const faults = [];
  for (const selector of selectors) {
    const text = document.querySelector(selector);
    text.scrollIntoView({ block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const own = text.closest("text");
    const ground = stack.find(
      (element) => !own.contains(element)
        && opaque(isShape(element) ? getComputedStyle(element).fill
          : getComputedStyle(element).backgroundColor));
    const behind = !ground ? "rgb(255, 255, 255)"
      : isShape(ground) ? getComputedStyle(ground).fill : getComputedStyle(ground).backgroundColor;
    const ink = getComputedStyle(text).fill;
    const [dark, bright] = [light(ink), light(behind)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < 4.5) faults.push(`${selector}: ${ink} on ${behind} is ${ratio.toFixed(2)}`);
  }
  return faults;
}
