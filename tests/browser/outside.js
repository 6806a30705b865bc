// Of every figure on a page: words outside its drawing, words that stand twice on one axis, and what moves without a keyboard.
() => [...document.querySelectorAll(".figuur-vlak[data-figuur]")].flatMap(area => {
  const faults = [];
  const drawings = [...area.querySelectorAll("svg.figuur-beeld, svg.main-svg")].filter(one => one.getClientRects().length);
  for (const drawing of drawings) {
    const box = drawing.getBoundingClientRect();
    for (const text of drawing.querySelectorAll("text")) {
      const part = text.getBoundingClientRect();
      const beside = part.left < box.left - 1 || part.right > box.right + 1;
      const above = part.top < box.top - 1 || part.bottom > box.bottom + 1;
      if (part.width && (beside || above)) faults.push(`${area.id}: "${text.textContent}" lies outside its drawing`);
    }
    for (const axis of drawing.querySelectorAll("g.as")) {
      const words = [...axis.querySelectorAll("text")].map(text => text.textContent);
      const twice = new Set(words.filter((one, at) => words.indexOf(one) < at));
      for (const word of twice) faults.push(`${area.id}: the axis has "${word}" twice`);
    }
  }
  const moves = area.scrollWidth > area.clientWidth + 1;
  if (moves && area.tabIndex < 0) faults.push(`${area.id} moves and cannot be reached by keyboard`);
  return faults;
})
