// Looks at the overview page: plots, tables, what takes the keyboard's focus.

// tableOf reads a table: names of its columns, and rows of texts.
function tableOf(section) {
  const texts = list => [...list].map(cell => cell.textContent.trim());
  return {
    heads: texts(section.querySelectorAll("thead th")).slice(1),
    rows: [...section.querySelectorAll("tbody tr")].map(row => ({name: row.querySelector("th").textContent, cells: texts(row.querySelectorAll("td"))})),
  };
}

// barsDiffer compares the bars of a plot, in pixels, with the numbers of its table.
function barsDiffer(section) {
  const {heads, rows} = tableOf(section);
  const names = {}; // of the series by the pattern of their pieces
  for (const entry of section.querySelectorAll(".legend li")) {
    const name = entry.cloneNode(true);
    name.querySelector("b").remove();
    names[entry.querySelector("rect").getAttribute("fill")] = name.textContent.trim();
  }
  const lines = [...section.querySelectorAll("path.grid")].map(line => line.getBoundingClientRect().top);
  const labels = [...section.querySelectorAll("path.grid + text")].map(text => Number(text.textContent));
  const unit = (lines[0] - lines.at(-1)) / labels.at(-1);
  const drawn = {};
  for (const bar of section.querySelectorAll("g.bar")) {
    const step = bar.querySelector("title").textContent.split(": ")[0];
    for (const piece of bar.querySelectorAll("rect")) {
      drawn[step + " " + names[piece.getAttribute("fill")]] = Math.round(piece.getBBox().height * piece.getScreenCTM().d / unit);
    }
  }
  let differ = 0, pieces = 0;
  for (const row of rows) {
    heads.slice(0, -1).forEach((head, i) => {
      const n = Number(row.cells[i].replaceAll(",", ""));
      if (n > 0) pieces++;
      if (n !== (drawn[row.name + " " + head] || 0)) differ++;
    });
  }
  return differ + Math.abs(pieces - Object.keys(drawn).length);
}

// stripsDiffer compares the cells of a plot in bands with the bands of its table.
function stripsDiffer(section) {
  const {heads, rows} = tableOf(section);
  const bands = [...section.querySelectorAll(".legend li")].map(entry => ({
    name: entry.textContent.trim(), height: Number(entry.querySelector("rect").getAttribute("height")),
  }));
  let differ = 0;
  for (const strip of section.querySelectorAll("g.strip")) {
    const column = heads.indexOf(strip.querySelector("text").textContent);
    const cells = [...strip.querySelectorAll("rect")];
    for (const row of rows) {
      const told = row.cells[column];
      const cell = cells.find(c => c.querySelector("title").textContent.startsWith(row.name + ": "));
      const band = cell && bands.find(b => Math.abs(b.height - Number(cell.getAttribute("height"))) < 0.1);
      if (told === "0" ? cell : !band || band.name !== told && !band.name.endsWith("more")) differ++;
    }
  }
  return differ;
}

// contrast is that of two colours.
function contrastOf(view, a, b) {
  const [x, y] = [luminance(parse(a)) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

lookCloser = view => {
  const doc = view.document, root = doc.documentElement;
  const seen = {Plots: 0, Differ: 0, Marks: 21, Words: 21, Unfocused: 0, Foreign: [], OpenOverflow: 0};
  for (const details of doc.querySelectorAll("details")) details.open = true;
  seen.OpenOverflow = root.scrollWidth - root.clientWidth;
  for (const section of doc.querySelectorAll("section.chart")) {
    if (!section.querySelector("svg.plot")) continue;
    seen.Plots++;
    if (section.querySelector("g.bar")) seen.Differ += barsDiffer(section);
    if (section.querySelector("g.strip")) seen.Differ += stripsDiffer(section);
    const paper = background(view, section);
    for (const text of section.querySelectorAll("svg text")) seen.Words = Math.min(seen.Words, contrastOf(view, view.getComputedStyle(text).fill, paper));
    for (const mark of section.querySelectorAll("g.strip rect, g.line .dot")) seen.Marks = Math.min(seen.Marks, contrastOf(view, view.getComputedStyle(mark).fill, paper));
    for (const piece of section.querySelectorAll("g.bar rect")) {
      const pattern = doc.querySelector(piece.getAttribute("fill").slice(4, -1));
      seen.Marks = Math.min(seen.Marks, contrastOf(view, view.getComputedStyle(pattern.firstElementChild).fill, paper));
    }
  }
  for (const element of doc.querySelectorAll("a, summary, [tabindex]")) {
    element.focus({focusVisible: true});
    const style = view.getComputedStyle(element);
    if (doc.activeElement !== element || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) seen.Unfocused++;
  }
  seen.Foreign = view.performance.getEntriesByType("resource").map(r => r.name).filter(name => !name.startsWith(view.location.origin));
  return seen;
};
