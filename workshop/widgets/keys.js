function (root) {
  // Keys stay inside: outside they would scroll the page, or fold a section of a notebook.
  root.addEventListener("keydown", (event) => {
    if (["Tab", "Escape"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key);
    const upright = ["ArrowUp", "ArrowDown"].includes(event.key);  // a line of text has no use for these
    const own = event.target.matches(arrows ? `select, input:not([type=checkbox]${upright ? ", [type=text]" : ""})`
      : "select, button, summary, a, input:not([type=range], [type=number])");
    if ((arrows || event.key === " ") && !own) event.preventDefault();
  });
}
