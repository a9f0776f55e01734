// As large as the window has room for, and not smaller than it is; only then, lest it jump under the hand.
const figure = document.querySelector("figure.workshop"), main = figure.parentElement;
function fit() {
  figure.style.zoom = 1;
  if (innerWidth < 700) return;
  const { width, height } = figure.getBoundingClientRect(), room = innerHeight - main.offsetTop - 10;
  figure.style.zoom = Math.max(1, Math.min(main.clientWidth / width, room / height));
}
addEventListener("load", fit);
addEventListener("resize", fit);
// Keys are the picture's, also before it is clicked.
addEventListener("keydown", (event) => {
  const forUs = event.target === document.body && event.key !== "Tab";
  if (forUs && !figure.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
});
