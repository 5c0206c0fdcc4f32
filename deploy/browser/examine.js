// Looks at every page in a frame of a phone's and of a desktop's width.

const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = colour => colour.match(/[\d.]+/g).map(Number);

// background gives the colour that shows behind an element.
function background(view, element) {
  for (; element; element = element.parentElement) {
    const colour = parse(view.getComputedStyle(element).backgroundColor);
    if (colour.length === 3) return colour; // a fourth number would be its opacity
  }
  return [255, 255, 255];
}

function lookAt(view, page, width) {
  const doc = view.document, root = doc.documentElement;
  const seen = {
    Page: page, Width: width, Overflow: root.scrollWidth - root.clientWidth,
    Font: parseFloat(view.getComputedStyle(doc.body).fontSize),
    Paper: luminance(background(view, doc.body)), Contrast: 21, Weakest: "", Target: 1000,
  };
  for (const element of doc.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    const scrolled = element.parentElement.closest(".scroll"); // a wide table, by itself
    if (!scrolled && box.right > root.clientWidth + 1) seen.Overflow = Math.max(seen.Overflow, Math.round(box.right - root.clientWidth));
    if ([...element.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())) {
      const a = luminance(parse(view.getComputedStyle(element).color)) + 0.05;
      const b = luminance(background(view, element)) + 0.05;
      const contrast = Math.max(a, b) / Math.min(a, b);
      if (contrast < seen.Contrast) { seen.Contrast = contrast; seen.Weakest = element.tagName; }
    }
  }
  for (const link of doc.querySelectorAll("nav a")) seen.Target = Math.min(seen.Target, link.getBoundingClientRect().height);
  if (seen.Target === 1000) seen.Target = 0;
  return seen;
}

// lookCloser is what a test of some pages sees beside; it may replace this.
var lookCloser = view => ({});

async function examine() {
  const looks = [];
  for (const page of pages) {
    for (const width of [320, 1280]) {
      const frame = document.createElement("iframe");
      frame.style.cssText = `width: ${width}px; height: 2000px; border: 0`;
      frame.src = page;
      const loaded = new Promise(done => { frame.onload = done; });
      document.body.append(frame);
      await loaded;
      looks.push({...lookAt(frame.contentWindow, page, width), ...lookCloser(frame.contentWindow)});
      frame.remove();
    }
  }
  document.getElementById("result").textContent = JSON.stringify(looks);
}

addEventListener("load", examine);
