function () {
  // What the widgets draw with: HTML, SVG, axes, and the picture of a belief above what the next trial promises.
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

  // Two panels, one above the other, with axes. look: the ends x and y of the axes, xlabel, ylabel; high; equal, if a
  // unit is as long upwards as it is sideways. `layout` draws them anew; `lower` is given the height of the panel below.
  function axes(parent, look, redraw) {
    const LEFT = 62, TOP = 8, GAP = 12;
    const svg = draw(parent, "svg", { class: "plot", role: "group" }), frame = draw(svg, "g", {});
    const [above, under] = ["above", "under"].map(() => draw(svg, "svg", { x: LEFT }));
    let width = 0, high = look.high || 270, low = 0;
    const column = (x) => ((x - look.x[0]) / (look.x[1] - look.x[0])) * width;
    const row = (y) => high - ((y - look.y[0]) / (look.y[1] - look.y[0])) * high;

    function layout() {
      const whole = Math.max(300, (parent.clientWidth || 812) - 12);  // its padding is 6 on either side
      width = whole - LEFT - 12;
      if (look.equal) high = (width * (look.y[1] - look.y[0])) / (look.x[1] - look.x[0]);
      const below = TOP + high + GAP, height = TOP + high + (low && GAP + low) + 44;
      svg.setAttribute("viewBox", `0 0 ${whole} ${height}`);
      svg.style.width = `${whole}px`;
      frame.replaceChildren();
      const label = (x, y, text, turn = 0) =>
        draw(frame, "text", { transform: `translate(${x} ${y}) rotate(${turn})`, "text-anchor": "middle" }, text);
      for (const [panel, y, height] of [[above, TOP, high], [under, below, low]]) {
        for (const [name, value] of Object.entries({ y, width, height })) panel.setAttribute(name, value);
        if (height) draw(frame, "rect", { x: LEFT, y, width, height, class: "frame" });
      }
      for (const x of ticks(...look.x)) label(LEFT + column(x), height - 25, x);
      for (const y of ticks(...look.y)) {
        draw(frame, "path", { d: `M${LEFT} ${TOP + row(y)}h${width}`, class: "grid" });
        draw(frame, "text", { x: LEFT - 7, y: TOP + row(y) + 5, "text-anchor": "end" }, y);
      }
      label(LEFT + width / 2, height - 5, look.xlabel);
      label(16, TOP + high / 2, look.ylabel, -90);
      if (low) label(LEFT - 14, below + low / 2, "promise", -90);
    }
    new ResizeObserver(() => { layout(); redraw(); }).observe(parent);
    return {
      look, svg, above, under, column, row, layout,
      lower(height) {
        if (!width || height !== low) { low = height; layout(); }
        return [low, width];
      },
      upright: (x) => `M${LEFT + column(x)} ${TOP}v${high + (low && GAP + low)}`,
      place: (x, y) => [LEFT + column(x), TOP + Math.max(-4, Math.min(high + 4, row(y)))],
      at(event) {  // where a pointer stands, in the units of the axes
        const box = svg.getBoundingClientRect(), zoom = svg.viewBox.baseVal.width / box.width;
        const [px, py] = [(event.clientX - box.left) * zoom - LEFT, (event.clientY - box.top) * zoom - TOP];
        const within = (share) => Math.max(0, Math.min(1, share));
        const [[left, right], [bottom, top]] = [look.x, look.y];
        return [left + within(px / width) * (right - left), top - within(py / high) * (top - bottom)];
      },
    };
  }
  // A mark that the hand moves: dragged, or pushed by arrow keys. `where` says where it stands, `move` is told where to go.
  function handle(parent, plane, name, where, move) {
    const [[left, right], [bottom, top]] = [plane.look.x, plane.look.y];
    const heard = { role: "slider", "aria-roledescription": name, "aria-valuemin": left, "aria-valuemax": right };
    const mark = draw(parent, "g", { class: `hold ${name}`, tabindex: 0, ...heard });
    draw(mark, "circle", { r: 20, fill: "transparent", class: "halo" });
    mark.onpointerdown = (event) => {
      mark.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
    };
    mark.onpointermove = (event) => { if (mark.hasPointerCapture(event.pointerId)) move(...plane.at(event)); };
    mark.onclick = (event) => event.stopPropagation();
    mark.onkeydown = (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!steps) return;
      const [x, y] = where(), [across, up] = steps.map((one) => one * (event.shiftKey ? 0.05 : 0.01));
      move(x + across * (right - left), y + up * (top - bottom));
    };
    return mark;
  }
  // A belief above what the next trial promises, where that is asked. look: that of the axes, and colours.
  function picture(parent, look, redraw) {
    const key = make(parent, "p", { className: "key" }), plane = axes(parent, look, redraw), { colours } = look;
    const line = (panel, look) => draw(panel, "path", { fill: "none", "stroke-width": 3, ...look });
    const { svg, above, under, column, row } = plane;
    const parts = {
      band: draw(above, "path", { fill: colours.belief, "fill-opacity": 0.22, class: "band" }),
      draws: line(above, { stroke: colours.belief, "stroke-width": 1.2, "stroke-opacity": 0.75 }),
      truth: line(above, { stroke: colours.truth, "stroke-dasharray": "9 6", class: "truth" }),
      mean: line(above, { stroke: colours.belief, class: "mean" }),
      promise: line(under, { fill: colours.promise, "fill-opacity": 0.6, stroke: colours.promise }),
      next: line(svg, { stroke: colours.next, "stroke-dasharray": "3 5" }),
    };
    const marks = draw(svg, "g", {});
    const curve = (X, Y, to = row) => X.map((x, i) => `${column(x).toFixed(1)} ${to(Y[i]).toFixed(1)}`).join("L");

    // now: Z with mean and std of the belief, draws, truth [x, y], promise at Z, next; what is left out is not drawn.
    function show(now) {
      const [low, width] = plane.lower(now.promise ? 84 : 0);
      const { Z, mean, std } = now, paths = {};
      if (mean) {
        const [least, most] = [-2, 2].map((factor) => mean.map((value, i) => value + factor * std[i]));
        paths.mean = "M" + curve(Z, mean);
        paths.band = "M" + curve([...Z, ...Z.slice().reverse()], [...most, ...least.reverse()]);
        paths.draws = (now.draws || []).map((one) => "M" + curve(Z, one)).join("");
      }
      if (now.truth) paths.truth = "M" + curve(...now.truth);
      if (now.promise) {
        const least = Math.min(...now.promise), span = Math.max(...now.promise) - least || 1;
        const rise = (value) => low - (0.9 * low * (value - least)) / span;
        paths.promise = `M${column(Z[0])} ${low}L${curve(Z, now.promise, rise)}L${width} ${low}`;
      }
      if (now.next !== undefined) paths.next = plane.upright(now.next);
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
    return { ...plane, marks, show };
  }
  return { make, draw, labelled, button, interpolate, mark, ticks, RATINGS, remembered, axes, handle, picture };
}
