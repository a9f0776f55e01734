// Each block is made as large as its place on the slide allows: figures by CSS, the rest here.
const GROWS = { table: 2, grid: 1.4, formula: 2.2, code: 1.3, output: 1.6, quote: 1, stepper: 1 };

function fit(slide) {
  const kind = Object.keys(GROWS).find((name) => slide.classList.contains(name)), inner = slide.querySelector(".fit");
  if (!kind || !inner) return;
  const place = inner.parentElement;
  inner.style.zoom = 1;
  if (kind === "stepper") return fitStepper(inner, place);
  const room = Math.min(place.clientWidth / inner.offsetWidth, place.clientHeight / inner.offsetHeight);
  inner.style.zoom = Math.min(GROWS[kind], 0.97 * room);
}

// The buttons of a stepper keep their size; its picture takes what is left.
function fitStepper(inner, place) {
  const picture = inner.querySelector("img");
  if (!picture) { // it keeps its width in its own pixels, so that a smaller one breaks its lines at the same places
    inner.style.width = `${place.clientWidth}px`;
    inner.style.flex = "none";
    const shrink = () => { inner.style.zoom = Math.min(1, (0.99 * place.clientHeight) / inner.offsetHeight); };
    new ResizeObserver(shrink).observe(inner); // what draws itself does so a little later
    return shrink();
  }
  picture.style.height = "0px";
  picture.style.height = place.clientHeight - inner.offsetHeight + "px";
}

Reveal.on("ready", (event) => fit(event.currentSlide));
Reveal.on("slidechanged", (event) => fit(event.currentSlide));
Reveal.on("pdf-ready", () => document.querySelectorAll(".pdf-page section").forEach(fit)); // ?print-pdf
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true, transition: "none", backgroundTransition: "none", slideNumber: "c/t",
  pdfMaxPagesPerSlide: 1, pdfSeparateFragments: false, controls: false, plugins: [RevealNotes],
});
