// What is wider than its place scrolls by itself; this lets the keyboard reach it too.
const reach = () => document.querySelectorAll("main div, main table, main pre, article div").forEach((box) => {
  const scrolls = box.scrollWidth > box.clientWidth && ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
  if (scrolls) box.tabIndex = 0;
  else if (box.dataset.reached) box.removeAttribute("tabindex");
  if (scrolls) box.dataset.reached = "yes";
});
addEventListener("load", reach);
addEventListener("resize", reach);
