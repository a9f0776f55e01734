function () {
  // What the pictures draw with: HTML, SVG, numbers in words, axes, marks that the hand moves, and a belief.
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const set = (element, attributes) => Object.entries(attributes).forEach((pair) => element.setAttribute(...pair));
  function draw(parent, tag, attributes, text) {
    const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    set(made, attributes);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  const labelled = (parent, text, tag, attributes) =>
    make(make(parent, "label", { textContent: `${text} ` }), tag, attributes);
  function menu(parent, text, options, onchange) {
    const made = labelled(parent, text, "select", { onchange, ariaLabel: text });
    for (const textContent of options) make(made, "option", { textContent });
    return made;
  }
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
  function mark(parent, shape, x, y, colour) {
    const look = { fill: colour, class: "mark", transform: `translate(${x} ${y})` };
    if (shape === "^") return draw(parent, "path", { d: "M-8 7h16l-8-15z", ...look });
    if (shape === "D") return draw(parent, "path", { d: "M0-10 10 0 0 10-10 0z", ...look });
    return draw(parent, "circle", { r: 7.5, ...look });
  }

  const number = (value) => value.toLocaleString("en");
  const brief = (value) => (Math.abs(value) < 1e5 ? String(value) : value.toExponential().replace("e+", "e"));
  const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;
  function percent(share) {  // two digits where it is small, and 100% for all only
    const value = 100 * share;
    if (value > 99 && value < 100) return `${Math.floor(10 * value) / 10}%`;
    return `${value < 10 ? Number(value.toPrecision(2)) : Math.round(value)}%`;
  }

  // The learner's ratings {item: stars}, as the browser remembers them.
  const RATINGS = "workshop-my-ratings";
  function remembered() {
    try { return JSON.parse(localStorage.getItem(RATINGS)) ?? {}; } catch { return {}; }
  }

  function ticks(low, high, whole) {
    const raw = (high - low) / 6, power = 10 ** Math.floor(Math.log10(raw));
    const factors = whole ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10], found = [];
    const step = Math.max(power * factors.find((factor) => factor * power >= 0.999 * raw), whole ? 1 : 0);
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
    return found.map((place) => Number(place.toPrecision(12)));
  }
  function powers(low, high, room) {  // 1, 10, 100 and, where they fit, 2 and 5 times these: what is counted
    const steps = room / Math.log10(high / low) > 130 ? [1, 2, 5] : [1], found = [];
    for (let power = 1; power <= high; power *= 10) found.push(...steps.map((step) => step * power));
    return found.filter((value) => value >= low && value <= high);
  }
  const within = (low, high, value) => Math.max(low, Math.min(high, value));

  // Axes as wide as there is room. look: x and y, each with its ends [low, high] and a label, and log, whole, ticks or format
  // where these are wanted; height, in pixels or as a function of the width; below, the height and label of a second
  // panel on the same x; and, where names stand for numbers, the margins left and right. What changes `look` calls
  // `layout`; when there is more or less room, `layout` and `redraw` are called.
  function axes(parent, look, redraw) {
    const TOP = 10, GAP = 12;
    const svg = draw(parent, "svg", { class: "plot", role: "group" }), frame = draw(svg, "g", {});
    const [inside, under] = [0, 1].map(() => draw(svg, "svg", {}));  // what leaves a panel is cut off
    const above = draw(svg, "g", {});
    let left, width, height, bottom, room = parent.clientWidth;  // read where nothing has changed: it costs a layout
    const share = ({ ends: [low, high], log }, value) =>
      (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
    const value = ({ ends: [low, high], log }, part) => (log ? low * (high / low) ** part : low + part * (high - low));
    const x = (value) => width * share(look.x, value), y = (value) => height * (1 - share(look.y, value));

    function layout() {
      const whole = Math.max(280, (room || 812) - 12), low = look.below?.height ?? 0;  // padding: 6 on each side
      const all = ({ ticks: own, log, ends, whole }, room) => own ?? (log ? powers(...ends, room) : ticks(...ends, whole));
      const said = ({ format, log }, value) => (format ?? (log ? number : brief))(value);
      const up = all(look.y, look.height).map((value) => [value, said(look.y, value)]);
      left = look.left ?? Math.max(62, 32 + 8 * Math.max(...up.map(([, words]) => words.length)));
      width = whole - left - (look.right ?? 14);
      height = typeof look.height === "function" ? look.height(width) : look.height;
      bottom = height + (low && GAP + low);
      set(svg, { viewBox: `0 0 ${whole} ${TOP + bottom + (look.x.label ? 46 : 6)}` });
      svg.style.width = `${whole}px`;
      for (const layer of [frame, above]) set(layer, { transform: `translate(${left} ${TOP})` });
      frame.replaceChildren();
      const text = (across, down, said, anchor = "middle", turn = 0) =>
        draw(frame, "text", { transform: `translate(${across} ${down}) rotate(${turn})`, "text-anchor": anchor }, said);
      for (const [value, words] of up) {
        draw(frame, "path", { d: `M0 ${y(value)}h${width}`, class: "grid" });
        text(-7, y(value) + 5, words, "end");
      }
      for (const [panel, from, tall] of [[inside, 0, height], [under, bottom - low, low]]) {
        set(panel, { x: left, y: TOP + from, width, height: tall });
        if (tall) draw(frame, "rect", { y: from, width, height: tall, class: "frame" });
      }
      if (look.x.label) {
        const shown = all(look.x, width).map((value) => [x(value), said(look.x, value)]);
        const room = 12 + 8 * Math.max(...shown.map(([, words]) => words.length));  // that a tick needs
        const every = Math.ceil((shown.length * room) / width);
        shown.forEach(([at, words], i) => { if (i % every === 0) text(at, bottom + 19, words); });
        text(width / 2, bottom + 40, look.x.label);
      }
      if (look.y.label) text(16 - left, height / 2, look.y.label, "middle", -90);
      if (low) text(-14, bottom - low / 2, look.below.label, "middle", -90);
    }
    function at(event) {  // where a pointer stands, in pixels from the corner of the panel
      const box = svg.getBoundingClientRect(), zoom = svg.viewBox.baseVal.width / box.width;
      return [(event.clientX - box.left) * zoom - left, (event.clientY - box.top) * zoom - TOP];
    }
    new ResizeObserver(() => { room = parent.clientWidth; layout(); redraw(); }).observe(parent);
    return {
      look, svg, inside, under, above, x, y, layout, at,
      get width() { return width; },
      get height() { return height; },
      get bottom() { return bottom; },  // that of the lowest panel
      place: (across, up) => [x(across), within(-4, height + 4, y(up))],
      valuesAt(event) {  // in the units of the axes, from end to end
        const [px, py] = at(event);
        return [value(look.x, within(0, 1, px / width)), value(look.y, within(0, 1, 1 - py / height))];
      },
    };
  }

  // What a pointer drags in `area` is told to move(event), and, beside the mark, what it presses; `mark` has the focus.
  function follow(area, mark, move) {
    area.onpointerdown = (event) => {
      area.setPointerCapture(event.pointerId);
      mark.focus({ preventScroll: true });
      event.preventDefault();
      if (area !== mark) move(event);
    };
    area.onpointermove = (event) => { if (area.hasPointerCapture(event.pointerId)) move(event); };
  }
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };  // right and up

  // A mark that the hand moves: dragged, or pushed by arrow keys. `where` says where it stands, `move` is told where to go.
  function handle(parent, plane, name, where, move) {
    const [[left, right], [bottom, top]] = [plane.look.x.ends, plane.look.y.ends];
    const heard = { role: "slider", "aria-roledescription": name, "aria-valuemin": left, "aria-valuemax": right };
    const mark = draw(parent, "g", { class: `hold ${name}`, tabindex: 0, ...heard });
    draw(mark, "circle", { r: 20, fill: "transparent", class: "halo" });
    const away = (one, event) => {
      const { x, y, width } = one.querySelector(".halo").getBoundingClientRect();
      return Math.hypot(event.clientX - x - width / 2, event.clientY - y - width / 2);
    };
    mark.onpointerdown = (event) => {  // of marks that cover each other, the nearest is meant
      const all = [...parent.querySelectorAll(".hold")], held = all.sort((a, b) => away(a, event) - away(b, event))[0];
      held.setPointerCapture(event.pointerId);
      held.focus({ preventScroll: true });
      event.preventDefault();
    };
    mark.onpointermove = (event) => { if (mark.hasPointerCapture(event.pointerId)) move(...plane.valuesAt(event)); };
    mark.onclick = (event) => event.stopPropagation();
    mark.onkeydown = (event) => {
      if (!ARROWS[event.key]) return;
      const [x, y] = where(), [across, up] = ARROWS[event.key].map((one) => one * (event.shiftKey ? 0.05 : 0.01));
      move(x + across * (right - left), y + up * (top - bottom));
    };
    return mark;
  }

  // A belief above what the next trial promises, where that is asked. look: that of the axes.
  function picture(parent, look, colours, redraw) {
    const key = make(parent, "p", { className: "key" }), plane = axes(parent, { height: 270, ...look }, redraw);
    const line = (panel, look) => draw(panel, "path", { fill: "none", "stroke-width": 3, ...look });
    const { inside, under, above, x, y } = plane, below = { height: 84, label: "promise" };
    const parts = {
      band: draw(inside, "path", { fill: colours.belief, "fill-opacity": 0.22, class: "band" }),
      draws: line(inside, { stroke: colours.belief, "stroke-width": 1.2, "stroke-opacity": 0.75 }),
      truth: line(inside, { stroke: colours.truth, "stroke-dasharray": "9 6", class: "truth" }),
      mean: line(inside, { stroke: colours.belief, class: "mean" }),
      promise: line(under, { fill: colours.promise, "fill-opacity": 0.6, stroke: colours.promise }),
      next: line(above, { stroke: colours.next, "stroke-dasharray": "3 5" }),
    };
    const marks = draw(above, "g", {});
    const curve = (X, Y, to = y) => X.map((one, i) => `${x(one).toFixed(1)} ${to(Y[i]).toFixed(1)}`).join("L");

    plane.layout();

    // now: Z with mean and std of the belief, draws, truth [x, y], promise at Z, next; what is left out is not drawn.
    function show(now) {
      const { Z, mean, std } = now, paths = {}, low = below.height;
      if (Boolean(now.promise) !== Boolean(plane.look.below)) {
        plane.look.below = now.promise && below;
        plane.layout();
      }
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
        paths.promise = `M${x(Z[0])} ${low}L${curve(Z, now.promise, rise)}L${plane.width} ${low}`;
      }
      if (now.next !== undefined) paths.next = `M${x(now.next)} 0V${plane.bottom}`;
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
    return Object.assign(plane, { marks, show });
  }
  return {
    make, set, draw, labelled, menu, button, interpolate, mark, number, plural, percent, RATINGS, remembered,
    axes, follow, ARROWS, handle, picture,
  };
}
