function () {
  // What the widgets draw with: HTML, SVG, and the picture of a belief above what the next trial promises.
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const draw = (parent, tag, attributes, text) => {
    const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const labelled = (parent, text, tag, attributes) =>
    make(make(parent, "label", { textContent: `${text} ` }), tag, attributes);
  function button(bar, textContent, action) {
    const made = make(bar, "button", { type: "button", textContent });
    made.onclick = ({ detail }) => { if (detail < 2 && made.ariaDisabled !== "true") action(); };  // not twice
    return made;
  }
  function interpolate([x, y], at) {
    let cell = x.findIndex((end) => end >= at);
    cell = Math.max(1, cell < 0 ? x.length - 1 : cell);
    return y[cell - 1] + ((at - x[cell - 1]) / (x[cell] - x[cell - 1])) * (y[cell] - y[cell - 1]);
  }
  function ticks(low, high) {
    const raw = (high - low) / 6, power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= 0.999 * raw), found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
    return found.map((place) => Number(place.toPrecision(12)));
  }
  function mark(parent, shape, x, y, colour) {
    const look = { fill: colour, class: "mark", transform: `translate(${x} ${y})` };
    if (shape === "^") return draw(parent, "path", { d: "M-8 7h16l-8-15z", ...look });
    if (shape === "D") return draw(parent, "path", { d: "M0-10 10 0 0 10-10 0z", ...look });
    return draw(parent, "circle", { r: 7.5, ...look });
  }

  // The learner's ratings {item: stars}, as the browser remembers them.
  const RATINGS = "workshop-my-ratings";
  function remembered() {
    try { return JSON.parse(localStorage.getItem(RATINGS)) ?? {}; } catch { return {}; }
  }

  // look: the ends x and y of the axes, xlabel, ylabel, colours.
  function picture(parent, look, redraw) {
    const key = make(parent, "p", { className: "key" });
    const LEFT = 62, TOP = 8, HIGH = 270, GAP = 12;
    const svg = draw(parent, "svg", { class: "plot", role: "group" }), frame = draw(svg, "g", {});
    const [above, under] = [TOP, TOP + HIGH + GAP].map((y) => draw(svg, "svg", { x: LEFT, y, height: HIGH }));
    const line = (panel, look) => draw(panel, "path", { fill: "none", "stroke-width": 3, ...look }), { colours } = look;
    const parts = {
      band: draw(above, "path", { fill: colours.belief, "fill-opacity": 0.22, class: "band" }),
      draws: line(above, { stroke: colours.belief, "stroke-width": 1.2, "stroke-opacity": 0.75 }),
      truth: line(above, { stroke: colours.truth, "stroke-dasharray": "9 6", class: "truth" }),
      mean: line(above, { stroke: colours.belief, class: "mean" }),
      promise: line(under, { fill: colours.promise, "fill-opacity": 0.6, stroke: colours.promise }),
      next: line(svg, { stroke: colours.next, "stroke-dasharray": "3 5" }),
    };
    const marks = draw(svg, "g", {});
    let width = 0, LOW = 0;  // LOW: the height of the promise, where there is one
    const column = (x) => ((x - look.x[0]) / (look.x[1] - look.x[0])) * width;
    const row = (y) => HIGH - ((y - look.y[0]) / (look.y[1] - look.y[0])) * HIGH;
    const curve = (X, Y, to = row) => X.map((x, i) => `${column(x).toFixed(1)} ${to(Y[i]).toFixed(1)}`).join("L");

    function layout() {
      const whole = Math.max(300, (parent.clientWidth || 812) - 12);  // its padding is 6 on either side
      const height = TOP + HIGH + (LOW && GAP + LOW) + 44;
      under.setAttribute("height", LOW);
      width = whole - LEFT - 12;
      svg.setAttribute("viewBox", `0 0 ${whole} ${height}`);
      svg.style.width = `${whole}px`;
      frame.replaceChildren();
      const label = (x, y, text, turn = 0) =>
        draw(frame, "text", { transform: `translate(${x} ${y}) rotate(${turn})`, "text-anchor": "middle" }, text);
      for (const panel of [above, under]) {
        const [y, high] = ["y", "height"].map((name) => Number(panel.getAttribute(name)));
        panel.setAttribute("width", width);
        if (high) draw(frame, "rect", { x: LEFT, y, width, height: high, class: "frame" });
      }
      for (const x of ticks(...look.x)) label(LEFT + column(x), height - 25, x);
      for (const y of ticks(...look.y)) {
        draw(frame, "path", { d: `M${LEFT} ${TOP + row(y)}h${width}`, class: "grid" });
        draw(frame, "text", { x: LEFT - 7, y: TOP + row(y) + 5, "text-anchor": "end" }, y);
      }
      label(LEFT + width / 2, height - 5, look.xlabel);
      label(16, TOP + HIGH / 2, look.ylabel, -90);
      if (LOW) label(LEFT - 14, TOP + HIGH + GAP + LOW / 2, "promise", -90);
    }
    // now: Z with mean and std of the belief, draws, truth [x, y], promise at Z, next; what is left out is not drawn.
    function show(now) {
      if (!width || Boolean(LOW) !== Boolean(now.promise)) {
        LOW = now.promise ? 84 : 0;
        layout();
      }
      const { Z, mean, std } = now, paths = {};
      if (mean) {
        const [low, high] = [-2, 2].map((factor) => mean.map((value, i) => value + factor * std[i]));
        paths.mean = "M" + curve(Z, mean);
        paths.band = "M" + curve([...Z, ...Z.slice().reverse()], [...high, ...low.reverse()]);
        paths.draws = (now.draws || []).map((one) => "M" + curve(Z, one)).join("");
      }
      if (now.truth) paths.truth = "M" + curve(...now.truth);
      if (now.promise) {
        const low = Math.min(...now.promise), span = Math.max(...now.promise) - low || 1;
        const rise = (value) => LOW - (0.9 * LOW * (value - low)) / span;
        paths.promise = `M${column(Z[0])} ${LOW}L${curve(Z, now.promise, rise)}L${width} ${LOW}`;
      }
      if (now.next !== undefined) paths.next = `M${LEFT + column(now.next)} ${TOP}v${HIGH + (LOW && GAP + LOW)}`;
      for (const [name, part] of Object.entries(parts)) part.setAttribute("d", paths[name] || "");
      const names = {
        mean: "belief", band: "95% of it", draws: "functions drawn from it",
        truth: "hidden function", next: "next trial",
      };
      const shown = Object.keys(names).filter((name) => paths[name]);
      if (key.dataset.shown === shown.join()) return;
      key.dataset.shown = shown.join();
      key.replaceChildren();
      for (const name of shown) {
        const entry = make(key, "span", { textContent: names[name] }), sign = make(entry, "i", { className: name });
        sign.style.borderColor = parts[name].getAttribute(name === "band" ? "fill" : "stroke");
      }
    }
    new ResizeObserver(() => { layout(); redraw(); }).observe(parent);
    return {
      svg, marks, show, layout,
      place: (x, y) => [LEFT + column(x), TOP + Math.max(-4, Math.min(HIGH + 4, row(y)))],
      at(event) {  // where a pointer stands, in the units of the axes
        const box = svg.getBoundingClientRect(), zoom = svg.viewBox.baseVal.width / box.width;
        const [px, py] = [(event.clientX - box.left) * zoom - LEFT, (event.clientY - box.top) * zoom - TOP];
        const within = (share) => Math.max(0, Math.min(1, share));
        const [[left, right], [bottom, top]] = [look.x, look.y];
        return [left + within(px / width) * (right - left), top - within(py / HIGH) * (top - bottom)];
      },
    };
  }
  return { make, draw, labelled, button, interpolate, mark, ticks, RATINGS, remembered, picture };
}
