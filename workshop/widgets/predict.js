function (root, data) {
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 1 });
  const told = (asked, value) => (asked.options.length ? value : `${number(value)} ${asked.unit}`.trim());
  const memory = (window.workshopGuesses ??= {}), key = (asked) => "workshop-guess: " + asked.question;
  const kept = (asked) => {
    try { return JSON.parse(localStorage.getItem(key(asked))); } catch { return memory[key(asked)] ?? null; }
  };
  const keep = (asked, value) => {
    memory[key(asked)] = value;
    try {
      if (value === null) localStorage.removeItem(key(asked));
      else localStorage.setItem(key(asked), JSON.stringify(value));
    } catch { /* no storage here: the page remembers until it is closed */ }
    document.dispatchEvent(new Event("workshop-guess"));
  };
  const off = (asked, value) => {  // how far a guess is from the answer, in words
    if (value === asked.answer) return "right";
    if (asked.options.length) return "not so";
    const factor = value / asked.answer, gap = number(Math.abs(value - asked.answer));
    const times = factor >= 2 ? `${factor.toFixed(1)} times too high` : factor > 0 && factor <= 0.5 ? `${(1 / factor).toFixed(1)} times too low` : "";
    return times || `${gap} too ${value > asked.answer ? "high" : "low"}${Math.abs(factor - 1) <= 0.1 ? ": close" : ""}`;
  };
  const good = (verdict) => verdict === "right" || verdict.endsWith("close");
  root.querySelectorAll(":scope > p, :scope > ul, :scope > details").forEach((one) => one.remove());
  if (data.list) return list();

  const asked = data.asked[0], form = make(root, "form", { className: "bar" }), legend = make(form, "strong", { textContent: asked.question });
  const said = document.createElement("p"), buttons = [];
  said.setAttribute("role", "status");
  legend.style.flexBasis = "100%";
  form.onsubmit = () => false;
  for (const option of asked.options) {
    buttons.push(make(form, "button", { type: "button", textContent: option, onclick: () => take(option) }));
  }
  let field = null, keeper = null;
  if (!asked.options.length) {
    field = make(form, "input", { type: "number", step: "any", min: asked.low ?? "", max: asked.high ?? "" });
    field.setAttribute("aria-label", `${asked.question} (${asked.unit})`);
    make(form, "span", { textContent: asked.unit });
    keeper = make(form, "button", { type: "button", textContent: "Keep my guess", onclick: typed });
    field.onkeydown = (event) => { if (event.key === "Enter") typed(); };
  }
  const rest = make(form, "button", { type: "button", className: "quiet", textContent: "Show me", onclick: () => (kept(asked) === null ? reveal() : again()) });
  root.append(said);
  // A notebook's pictures wait until their cell is run; those of a page are drawn already, and wait for the guess.
  const onPage = !root.closest(".jp-NotebookPanel");
  let shown = false;  // somebody wanted to see the answer without a guess
  document.addEventListener("workshop-guess", show);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  show();

  function typed() {
    const value = Number(field.value), { low, high } = asked;
    if (field.value === "" || value < (low ?? value) || value > (high ?? value)) {
      said.textContent = low === null || high === null ? "Give a number." : `Give a number from ${number(low)} to ${number(high)}.`;
      return field.focus({ preventScroll: true });
    }
    take(value);
  }
  function take(value) {
    const here = document.activeElement;
    if (kept(asked) === null) keep(asked, value);
    reveal();
    setTimeout(() => root.contains(here) && here.focus({ preventScroll: true }));  // a notebook takes the focus when it is clicked
  }
  function again() {
    if (field) field.value = "";
    keep(asked, null);
  }
  function reveal() {
    shown = kept(asked) === null;
    show();
    if (fold()) fold().open = true;
  }
  function show() {
    const value = kept(asked), known = value !== null;
    if (known) shown = false;
    const asks = !known && !shown;
    between().forEach((one) => one.classList.toggle("workshop-covered", asks));
    rest.textContent = known ? "Guess again" : "Show me";
    buttons.forEach((button) => {
      button.setAttribute("aria-pressed", known && button.textContent === value);
      button.className = known && button.textContent === asked.answer ? "right" : "";
    });
    // The first guess counts, and it shows. A button that is really disabled would drop the focus into the notebook.
    for (const one of field ? [field, keeper] : buttons) one.setAttribute("aria-disabled", known);
    if (known && field) field.value = value;
    said.className = known ? "big" : "";
    const verdict = known ? off(asked, value) : "";
    const waiting = !asks ? `It is ${told(asked, asked.answer)}.` : between().length ? "What comes out below is covered until you guess." : "";
    said.textContent = !known ? waiting : verdict === "right" ? `You said ${told(asked, value)}: right.`
      : `You said ${told(asked, value)}; it is ${told(asked, asked.answer)}${asked.options.length ? "" : ": " + verdict}.`;
    if (known && onPage && fold()) fold().open = true;
  }
  function fold() {  // the next "What we see", unless another question comes first
    const all = [...document.querySelectorAll("details, figure.workshop[aria-label^='Predict: ']")];
    const next = all.find((one) => !root.contains(one) && root.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
      && (one.tagName === "FIGURE" || one.querySelector("summary")?.textContent === data.fold));
    return next?.tagName === "DETAILS" ? next : null;
  }
  function between() {
    const end = onPage && fold(), after = (a, b) => a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING;
    const outputs = [...document.querySelectorAll(".jp-OutputArea-child, .cell_output")];
    return end ? outputs.filter((one) => !one.contains(root) && after(root, one) && after(one, end)) : [];
  }
  function list() {
    const table = make(root, "table", { className: "words" }), head = make(make(table, "thead", {}), "tr", {}), body = make(table, "tbody", {});
    for (const text of ["question", "my guess", "answer", "how far off"]) make(head, "th", { textContent: text, scope: "col" });
    const sum = make(root, "p", { className: "big" });
    make(root, "button", { type: "button", textContent: "Forget my guesses", onclick: () => data.asked.forEach((one) => keep(one, null)) });
    const fill = () => {
      const given = data.asked.map((one) => [one, kept(one)]), guessed = given.filter(([, value]) => value !== null);
      body.replaceChildren();
      for (const [one, value] of given) {
        const row = make(body, "tr", {}), known = value !== null;
        const texts = [one.question, known ? told(one, value) : "no guess yet", known ? told(one, one.answer) : "", known ? off(one, value) : ""];
        texts.forEach((text) => make(row, "td", { textContent: text }));
      }
      const right = guessed.filter(([one, value]) => good(off(one, value))).length;
      sum.textContent = guessed.length ? `${right} of ${guessed.length} right or close.` : "No guess yet.";
    };
    document.addEventListener("workshop-guess", fill);
    fill();
  }
}
