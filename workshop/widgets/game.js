function (root, data) {
  const SVG = "http://www.w3.org/2000/svg", W = 940, H = 330, LEFT = 50, RIGHT = 930, TOP = 12, BOTTOM = 290;
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const draw = (parent, tag, attributes, text) => {
    const made = parent.appendChild(document.createElementNS(SVG, tag));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  root.querySelector("p").remove();
  const bar = make(root, "div", { className: "bar" });
  const label = make(bar, "label", { textContent: "Where to look next (0 to 1) " });
  const where = make(label, "input", { type: "number", min: 0, max: 1, step: 0.01, value: 0.5 });
  const look = make(bar, "button", { type: "button", textContent: "Evaluate", onclick: () => evaluate(Number(where.value)) });
  const again = make(bar, "button", { type: "button", textContent: "Next round", onclick: next });
  const status = make(root, "p", { className: "note" });
  status.setAttribute("aria-live", "polite");
  const plot = draw(root, "svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "font-size": 15 });
  plot.style.cursor = "crosshair";
  const result = make(root, "div", {});
  let round = 0, mine = [];
  const MARKS = { you: "circle", random: "square", bayesian: "triangle" };

  where.onkeydown = (event) => { if (event.key === "Enter") look.click(); };
  plot.onclick = (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
    evaluate((at.x - LEFT) / (RIGHT - LEFT));
  };

  const truth = () => data.rounds[round].truth;
  const value = (x) => {
    const place = x * (truth().length - 1), cell = Math.min(Math.floor(place), truth().length - 2);
    return truth()[cell] + (place - cell) * (truth()[cell + 1] - truth()[cell]);
  };
  const best = (trials) => Math.max(...trials.map((trial) => trial[1]));
  const over = () => mine.length === data.budget;

  function evaluate(x) {
    if (over()) return;
    if (!(x >= 0 && x <= 1)) { status.textContent = "Give a number from 0 to 1."; return; }
    mine.push([x, value(x)]);
    where.value = x.toFixed(2);
    show();
  }
  function next() {
    round = (round + 1) % data.rounds.length;
    mine = [];
    show();
  }
  function mark(parent, shape, x, y, colour) {
    const look = { fill: colour, "fill-opacity": 0.85, stroke: "#000" };
    if (shape === "circle") draw(parent, "circle", { cx: x, cy: y, r: 7, ...look });
    if (shape === "square") draw(parent, "rect", { x: x - 6, y: y - 6, width: 12, height: 12, ...look });
    if (shape === "triangle") draw(parent, "path", { d: `M${x - 7} ${y + 6}h14l-7-13z`, ...look });
  }
  function scale(values) {
    const low = Math.min(...values), high = Math.max(...values), margin = 0.08 * (high - low) || 1;
    return (y) => BOTTOM - ((y - low + margin) / (high - low + 2 * margin)) * (BOTTOM - TOP);
  }
  function frame(svg, xlabel, ylabel) {
    svg.replaceChildren();
    draw(svg, "rect", { x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP, fill: "#fff", stroke: "#999" });
    draw(svg, "text", { x: (LEFT + RIGHT) / 2, y: H - 6, "text-anchor": "middle" }, xlabel);
    draw(svg, "text", { x: 20, y: (TOP + BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 20 ${(TOP + BOTTOM) / 2})` }, ylabel);
  }
  function show() {
    const column = (x) => LEFT + x * (RIGHT - LEFT);
    const row = scale(data.rounds[round].limits);
    frame(plot, "hyperparameter", "value");
    for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
      draw(plot, "text", { x: column(tick), y: BOTTOM + 18, "text-anchor": "middle" }, String(tick));
    }
    result.replaceChildren();
    look.disabled = where.disabled = over();
    again.hidden = !over();
    const last = mine.at(-1);
    status.textContent = !last
      ? `Round ${round + 1}: ${data.budget} trials to find the highest point. Click in the picture, or type.`
      : `Trial ${mine.length} of ${data.budget}: ${last[0].toFixed(3)} gives ${last[1].toFixed(3)}; best so far ${best(mine).toFixed(3)}.`;
    const players = over() ? { ...data.rounds[round].plays, you: mine } : { you: mine };
    if (over()) {
      const line = truth().map((y, i) => `${column(i / (truth().length - 1))} ${row(y)}`).join("L");
      draw(plot, "path", { d: "M" + line, fill: "none", stroke: data.colours.truth, "stroke-width": 3, class: "truth" });
    }
    for (const [name, trials] of Object.entries(players)) {
      for (const [x, y] of trials) mark(plot, MARKS[name], column(x), row(y), data.colours[name]);
    }
    plot.setAttribute("aria-label", status.textContent);
    if (over()) unveil(players);
  }
  function unveil(players) {
    const curves = Object.fromEntries(
      Object.entries(players).map(([name, trials]) => [name, trials.map((_, k) => best(trials.slice(0, k + 1)))]),
    );
    const svg = draw(result, "svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "font-size": 15, class: "race" });
    const row = scale(Object.values(curves).flat());
    const column = (k) => LEFT + 20 + (k / Math.max(1, data.budget - 1)) * (RIGHT - LEFT - 160);
    frame(svg, "trial", "best so far");
    Object.entries(curves).forEach(([name, curve], number) => {
      const colour = data.colours[name];
      const path = curve.map((y, k) => (k ? `H${column(k)}V${row(y)}` : `M${column(0)} ${row(y)}`)).join("");
      draw(svg, "path", { d: path, fill: "none", stroke: colour, "stroke-width": 3 });
      curve.forEach((y, k) => mark(svg, MARKS[name], column(k), row(y), colour));
      mark(svg, MARKS[name], RIGHT - 108, BOTTOM - 70 + 24 * number, colour);
      draw(svg, "text", { x: RIGHT - 92, y: BOTTOM - 65 + 24 * number }, name);
    });
    const top = Math.max(...truth());
    const order = Object.entries(players).map(([name, trials]) => [name, best(trials)]).sort((a, b) => b[1] - a[1]);
    const text = order.map(([name, score]) => `${name} ${score.toFixed(3)}`).join(", ");
    make(result, "p", { className: "big", textContent: `Highest point ${top.toFixed(3)}. Found: ${text}.` });
    svg.setAttribute("aria-label", `Best value so far of each player. Highest point ${top.toFixed(3)}; ${text}.`);
    keep(players);
  }
  function keep(players) {
    const line = make(result, "div", { className: "bar" }), key = "workshop-game-scores";
    const who = make(make(line, "label", { textContent: "Your name " }), "input", { type: "text", maxLength: 30 });
    const list = make(result, "table", {});
    const stored = () => JSON.parse(localStorage.getItem(key) || "[]");
    const table = () => {
      list.replaceChildren();
      stored().forEach((score) => {
        const line = make(list, "tr", {});
        score.forEach((text) => make(line, "td", { textContent: text }));
      });
    };
    make(line, "button", { type: "button", textContent: "Keep my score", onclick: (event) => {
      const score = [who.value || "anonymous", round + 1, ...["you", "random", "bayesian"].map((name) => best(players[name]).toFixed(3))];
      localStorage.setItem(key, JSON.stringify([...stored(), score]));
      event.target.disabled = true;
      table();
    } });
    make(line, "button", { type: "button", textContent: "Download scores", onclick: () => {
      const quoted = stored().map((score) => score.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(","));
      const csv = ["name,round,you,random,bayesian", ...quoted].join("\n") + "\n";
      const link = make(line, "a", { href: "data:text/csv;charset=utf-8," + encodeURIComponent(csv), download: "scores.csv" });
      link.click();
      link.remove();
    } });
    table();
  }
  show();
}
