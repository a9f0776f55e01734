function (root, data, gp, { make, draw, labelled, button, interpolate, plural, handle, picture }) {
  const [low, high] = data.x, [bottom, top] = data.y, { middle, spread } = data;
  const unit = (x) => (x - low) / (high - low);
  const Z = Array.from({ length: 121 }, (_, i) => low + (i / 120) * (high - low));
  const now = { ...data.start }, trials = data.trials.map(([x, y]) => ({ x, y }));
  let chosen = null, asked = false, seed = 1;
  root.querySelector("p").remove();

  // Under the hand: buttons, the picture, what it says, and dials.
  const actions = make(root, "div", { className: "bar" });
  const ask = data.question && button(actions, "", () => {
    if (asked) add(next());
    asked = !asked;
    show();
  });
  const where = labelled(actions, data.xlabel, "input", { type: "number", min: low, max: high, step: "any" });
  where.value = Number(((low + high) / 2).toPrecision(3));
  where.onkeydown = (event) => { if (event.key === "Enter" && !event.repeat) addTyped(); };
  button(actions, "Add a trial", addTyped);
  const remove = button(actions, "Remove trial", () => drop(chosen));
  const clear = button(actions, "Remove all", () => { while (trials.length) drop(trials[0]); });
  const said = make(root, "p", { className: "note", ariaLive: "polite" });
  const look = { x: { ends: data.x, label: data.xlabel }, y: { ends: data.y, label: data.ylabel } };
  const plot = picture(root, look, data.colours, show);
  plot.svg.setAttribute("aria-label", "Belief: click to add a trial; drag a trial, or move it with the arrow keys");
  plot.svg.tabIndex = -1;
  const dials = make(root, "div", { className: "dials" });
  const field = (name) => make(make(dials, "label", {}), "span", { textContent: name }).parentElement;
  function dial(key, name, from, to, scale = (value) => value) {
    const label = field(name), step = (to - from) / 200, output = document.createElement("output");
    const input = make(label, "input", { type: "range", min: from, max: to, step, ariaLabel: name });
    label.append(output);
    input.oninput = () => {
      now[key] = scale(Number(input.value));
      if (key === "scale") now.fitted = false;
      show();
    };
    return (position) => {
      input.value = position(now[key]);
      output.textContent = Number(now[key].toPrecision(2));
      input.setAttribute("aria-valuetext", output.textContent);
      return label;
    };
  }
  function menu(key, name, options) {
    const select = make(field(name), "select", { ariaLabel: name });
    select.onchange = () => { now[key] = select.value; show(); };
    for (const option of options) make(select, "option", { textContent: option, selected: option === now[key] });
  }
  function tick(key, name) {
    const label = make(dials, "label", {}), input = make(label, "input", { type: "checkbox" });
    input.onchange = () => { now[key] = input.checked; show(); };
    make(label, "span", { textContent: name });
    return () => { input.checked = now[key]; };
  }
  const scaleDial = dial("scale", "length scale", Math.log(0.03), Math.log(2), Math.exp);
  const ticks = [tick("fitted", "fit it to the trials")];
  const noiseDial = dial("noise", "noise", 0, 1);
  menu("kernel", "kernel", Object.keys(gp.KERNELS));
  if (data.question) menu("question", "question", Object.keys(gp.ACQUISITIONS));
  const weightDial = data.question && dial("weight", "exploration", 0, 3);
  ticks.push(tick("draws", "functions drawn from the belief"));
  if (data.truth) ticks.push(tick("truth", "hidden function"));
  button(dials, "Draw others", () => { seed += 1; now.draws = true; show(); });

  const short = (number) => (Math.round(100 * number) / 100 || 0).toFixed(2);  // never -0.00
  const value = (x, y) => (data.truth ? interpolate(data.truth, x) : Math.max(bottom, Math.min(top, y)));
  function add(x, y) {
    const trial = { x, y: value(x, y ?? interpolate([Z, belief().mean], x)) };
    trials.push(trial);
    appear(trial);
    choose(trial);
  }
  function addTyped() {
    const x = where.valueAsNumber;
    if (!(x >= low && x <= high)) { said.textContent = `Give a number from ${low} to ${high}.`; return; }
    add(x);
    asked = false;
    show();
  }
  function drop(trial) {
    if (!trial) return;
    if (trial.mark.contains(document.activeElement)) plot.svg.focus({ preventScroll: true });  // or it is lost
    trial.mark.remove();
    trials.splice(trials.indexOf(trial), 1);
    choose(trials.at(-1) || null);
    asked = false;
    show();
  }
  function choose(trial) { chosen = trial; }
  function appear(trial) {
    const mark = trial.mark = handle(plot.marks, plot, "trial", () => [trial.x, trial.y], (x, y) => {
      trial.x = Math.max(low, Math.min(high, x));
      trial.y = value(trial.x, y);
      show();
    });
    draw(mark, "circle", { r: 7.5, class: "dot" });
    mark.onfocus = () => { choose(trial); show(); };
    mark.addEventListener("keydown", ({ key }) => { if (["Delete", "Backspace"].includes(key)) drop(trial); });
  }
  plot.svg.onclick = (event) => {
    if (event.detail > 1) return;  // the second half of a double click
    add(...plot.valuesAt(event));
    asked = false;
    chosen.mark.focus({ preventScroll: true });
    show();
  };

  function belief() {
    const X = trials.map((trial) => unit(trial.x)), y = trials.map((trial) => (trial.y - middle) / spread);
    const known = { kernel: now.kernel, scale: now.scale, signal: 1, noise: now.noise ** 2 + 1e-6, level: 0 };
    if (now.fitted && X.length) known.scale = now.scale = gp.fitted(X, y, known);
    const about = gp.believe(X, y, known), at = Z.map(unit), back = (value) => middle + spread * value;
    const mean = about.mean(at), std = about.std(at);
    const utility = gp.ACQUISITIONS[now.question], best = X.length ? Math.max(...y) : 0;
    return {
      mean: mean.map(back), std: std.map((one) => spread * one),
      draws: now.draws ? about.draws(at, normals(at.length)).map((one) => one.map(back)) : [],
      promise: data.question ? mean.map((one, i) => utility(one, std[i], best, now.weight)) : undefined,
    };
  }
  function normals(length) {  // the same for the same seed, so that a function bends and does not jump
    let state = seed * 7919;
    const uniform = () => ((state = (state * 48271) % 2147483647) / 2147483647);
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return Array.from({ length: 5 }, () => Array.from({ length }, normal));
  }
  function next() {
    const { promise } = belief();
    return Z[promise.indexOf(Math.max(...promise))];
  }
  function show() {
    const about = belief(), goal = asked ? Z[about.promise.indexOf(Math.max(...about.promise))] : undefined;
    plot.show({ Z, ...about, truth: now.truth && data.truth, next: goal });
    for (const [i, trial] of trials.entries()) {
      trial.mark.setAttribute("transform", `translate(${plot.place(trial.x, trial.y).join(" ")})`);
      trial.mark.classList.toggle("chosen", trial === chosen);
      trial.mark.setAttribute("aria-label", `trial ${i + 1}`);
      trial.mark.setAttribute("aria-valuenow", trial.x.toFixed(3));
      trial.mark.setAttribute("aria-valuetext", `${data.xlabel} ${trial.x.toFixed(2)}, value ${short(trial.y)}`);
    }
    scaleDial(Math.log);
    noiseDial((value) => value);
    for (const update of ticks) update();
    if (data.question) {
      weightDial((value) => value).classList.toggle("idle", now.question === "uncertainty");
      ask.textContent = asked ? "Try it there" : "What would the search do next?";
    }
    remove.ariaDisabled = clear.ariaDisabled = String(!trials.length);
    const widest = about.std.indexOf(Math.max(...about.std));
    const moved = chosen ? ` Chosen: ${data.xlabel} = ${chosen.x.toFixed(2)}, value ${short(chosen.y)}.` : "";
    const told = asked ? ` The search would try ${data.xlabel} = ${goal.toFixed(2)}.` : "";
    const least = trials.length ? `Least known: ${data.xlabel} = ${short(Z[widest])}, within` : "Everywhere within";
    said.textContent = `${plural(trials.length, "trial")}.${moved} ${least} ± ${(2 * about.std[widest]).toPrecision(2)} at 95%.${told}`;
  }
  trials.forEach(appear);
  choose(trials.at(-1) || null);
  show();
}
