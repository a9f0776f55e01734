function (root, data, { make, set, draw, button, remembered, axes, ARROWS }, { picker }) {
  const NEAREST = 6, REACH = 28, ZOOM = [1, 2, 4], LINE = 18;
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  // Whoever rated stands in the middle of the movies liked, in all directions: an average, not what a machine found.
  const given = [data.stored, remembered(), data.ann].find((one) => Object.keys(one).length) ?? {};
  const stars = new Map(Object.entries(given).map(([item, rating]) => [Number(item), rating]));
  const mean = sum([...stars.values()]) / stars.size, you = given !== data.ann, who = you ? "you" : "Ann";
  const movies = data.movies.map(([item, title], i) =>
    ({ title, at: data.places[i], rating: stars.get(item), kind: "movie" }));
  const rated = movies.filter(({ rating }) => rating), above = rated.filter(({ rating }) => rating > mean);
  const liked = above.length ? above : rated;
  for (const movie of rated) movie.kind = liked.includes(movie) ? "liked" : "less";
  const middle = movies[0].at.map((_, axis) => sum(liked.map(({ at }) => at[axis])) / liked.length);
  const me = liked.length ? { title: who, at: middle, kind: "me" } : null;
  const dots = me ? [...movies, me] : movies;
  const gave = ({ rating }) => (rating ? `${who} gave ${rating}` : ""), after = (text) => (text ? `, ${text}` : "");

  // The nearest in so many directions, in stars; at the same distance the better known first.
  function nearest(from, directions) {
    const apart = ({ at }) => Math.hypot(...at.slice(0, directions).map((x, axis) => x - from.at[axis])) / 1000;
    return movies.filter((one) => one !== from && !(from === me && one.rating))
      .map((one) => ({ one, far: apart(one) })).sort((a, b) => a.far - b.far).slice(0, NEAREST);
  }

  // Under the hand: the search, buttons, the map, and a list of the nearest.
  root.querySelector("img").remove();
  const bar = make(root, "div", { className: "bar" });
  const closer = button(bar, "Closer", () => { zoom += 1; show(); });
  const wider = button(bar, "Wider", () => { zoom -= 1; show(); });
  if (me) button(bar, you ? "Where do you stand?" : "Where does Ann stand?", () => choose(me));
  const how = "Point at a dot for its name; click it for its nearest. By keyboard: arrows and Enter.";
  make(root, "p", { className: "note", textContent: how });
  const x = { label: "first direction (stars)" }, y = { label: "second direction (stars)" };
  const high = (width) => Math.round(Math.max(300, Math.min(480, (width * tall) / wide)));  // to scale, where there is room
  const plot = axes(root, { x, y, height: high }, show), { svg, inside } = plot;
  const [lines, marks, names, tip] = ["near", "marks", "names", "tip"].map((name) => draw(inside, "g", { class: name }));
  const key = make(root, "p", { className: "key" }), head = make(root, "p", { className: "head" });
  const told = make(root, "p", { className: "note" }), rows = make(root, "ol", { className: "nearest" });
  const entries = nearest(movies[0]).map(() => {
    const entry = button(make(rows, "li", {}), "", () => choose(entry.movie));
    return entry;
  });
  if (me) make(root, "p", { className: "note", textContent: placed() });
  svg.classList.add("map");
  set(svg, { "aria-label": `${movies.length} movies: arrow keys lead from one to another, Enter shows its nearest` });

  function placed() {
    const [stand, she, her] = you ? ["You stand", "you", "your"] : ["Ann stands", "she", "her"];
    const where = liked.length > 1 ? `in the middle of the ${liked.length} movies` : "at the one movie";
    const which = above.length ? `gave more than ${her} mean of ${mean.toFixed(2)} stars` : "rated";
    return `${stand} ${where} on the map that ${she} ${which}: an average of their places. `
      + `The machine has not seen ${her} ratings.`;
  }

  const SHAPES = {
    movie: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
    liked: "M-7.5 6h15L0-8z",
    less: "M-7.5-6h15L0 8z",
    me: "M0-13 3.8-4.6 13-4 6 2.2 8.2 11 0 6-8.2 11-6 2.2-13-4-3.8-4.6z",
  };
  const sign = (parent, kind) => draw(draw(parent, "g", { class: `movie ${kind}` }), "path", { d: SHAPES[kind] });
  for (const dot of dots) {
    dot.mark = sign(marks, dot.kind).parentElement;
    set(dot.mark, { role: "button", "aria-label": dot === me ? placed() : dot.title + after(gave(dot)) });
    dot.mark.onfocus = () => { go(dot); point(dot); };
    dot.mark.onblur = () => point(null);
  }
  if (me) marks.append(...rated.map(({ mark }) => mark), me.mark);  // above the others
  const kinds = { liked: `${who} liked`, less: `${who} liked less`, me: who };
  for (const [kind, text] of Object.entries(kinds).filter(([kind]) => dots.some((dot) => dot.kind === kind))) {
    const entry = make(key, "span", {});
    sign(draw(entry, "svg", { viewBox: "-14 -14 28 28", width: 20, height: 20 }), kind);
    entry.append(text);
  }

  // What is shown: how close, around which dot (arrow keys lead on from it), whose neighbours, and what is pointed at.
  let zoom = 0, chosen = me ?? movies[0], here = chosen, pointed = null;
  const ends = [0, 1].map((axis) => {
    const all = dots.map(({ at }) => at[axis] / 1000), low = Math.min(...all), span = Math.max(...all) - low || 1;
    return [low - 0.06 * span, low + 1.06 * span];
  });
  const [wide, tall] = ends.map(([low, high]) => high - low);
  function view() {  // the part of the map around `here`
    ends.forEach(([low, high], axis) => {
      const part = (high - low) / ZOOM[zoom];
      const from = Math.max(low, Math.min(high - part, here.at[axis] / 1000 - part / 2));
      [x, y][axis].ends = [from, from + part];
    });
    plot.layout();
  }
  function show() {
    const near = nearest(chosen), by = near.map(({ one }) => one), flat = nearest(chosen, 2).map(({ one }) => one);
    view();
    for (const dot of dots) {
      [dot.x, dot.y] = [plot.x(dot.at[0] / 1000), plot.y(dot.at[1] / 1000)];
      set(dot.mark, {
        transform: `translate(${dot.x.toFixed(1)} ${dot.y.toFixed(1)})`,
        "aria-pressed": dot === chosen,
        tabindex: dot === here ? 0 : -1,
      });
      dot.mark.classList.toggle("by", by.includes(dot));
    }
    lines.replaceChildren();
    for (const { x, y } of by) draw(lines, "path", { d: `M${chosen.x} ${chosen.y}L${x} ${y}` });
    write(by);
    closer.ariaDisabled = String(zoom === ZOOM.length - 1);
    wider.ariaDisabled = String(zoom === 0);
    head.textContent = chosen === me ? `Nearest to ${who}, of what ${who} did not rate`
      : `Nearest to ${chosen.title}${gave(chosen) && ` (${gave(chosen)})`}`;
    told.textContent = `How far apart, in stars, in all ${movies[0].at.length} directions of the model. `
      + `The two of the map alone would name ${by.filter((one) => flat.includes(one)).length} of these ${by.length}.`;
    entries.forEach((entry, i) => {
      entry.parentElement.hidden = i >= near.length;
      if (i >= near.length) return;
      const { one, far } = near[i];
      entry.movie = one;
      entry.replaceChildren();
      make(entry, "span", { textContent: one.title });
      make(entry, "span", { textContent: `${gave(one)} ${far.toFixed(2)}` });
    });
    point(pointed);
  }
  function choose(dot) {
    chosen = here = dot;
    show();
  }
  function go(dot) {
    if (here === dot) return;
    here = dot;
    show();
  }

  // Names touch no other name; the chosen one's covers as few dots as it can, those of the known none.
  const pen = document.createElement("canvas").getContext("2d");
  function measure(text) {
    pen.font = "700 15px system-ui, sans-serif";
    return pen.measureText(text).width + 2;
  }
  function shorten(text) {
    let end = text.length;
    while (end > 1 && measure(text.slice(0, end)) > 0.6 * plot.width) end -= 1;
    return end < text.length ? `${text.slice(0, end).trim()}…` : text;
  }
  const touch = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  function write(by) {
    const { width, height } = plot;
    const seen = dots.filter(({ x, y }) => x > 0 && y > 0 && x < width && y < height), taken = [], done = new Set();
    const around = seen.map((dot) => {
      const special = dot.kind !== "movie" || dot === chosen || by.includes(dot), r = dot === me ? 12 : special ? 8 : 5;
      return { box: [dot.x - r, dot.y - r, dot.x + r, dot.y + r], weight: special ? 9 : 1 };
    });
    function place(dot, text, look, most) {  // most: the weight of the dots that may be covered
      const w = measure(text), d = dot === me ? 15 : 11;
      const beside = [[d, -LINE / 2], [-d - w, -LINE / 2]].map(([dx, dy]) => [dot.x + dx, dot.y + dy]);
      const over = [-w / 2, 8, -8 - w].flatMap((dx) => [-d - LINE, d].map((dy) =>
        [Math.max(2, Math.min(width - w - 2, dot.x + dx)), dot.y + dy]));
      const free = [...beside, ...over].map(([x, y]) => {
        const box = [x, y, x + w, y + LINE];
        return { box, cost: sum(around.map((other) => (touch(box, other.box) ? other.weight : 0))) };
      }).filter(({ box }) => box[0] > 0 && box[1] > 0 && box[2] < width && box[3] < height
        && !taken.some((other) => touch(box, other)));
      const best = free.length ? free.reduce((a, b) => (b.cost < a.cost ? b : a)) : null;
      if (!best || best.cost > most) return false;
      taken.push(best.box);
      draw(names, "text", { x: best.box[0].toFixed(1), y: (best.box[1] + 14).toFixed(1), class: look }, text);
      return true;
    }
    function name(dot, most) {
      if (done.has(dot) || !seen.includes(dot)) return;
      const number = by.indexOf(dot) + 1, title = shorten(dot.title), look = dot === chosen || dot === me ? "strong" : "";
      const whole = number ? place(dot, `${number} ${title}`, "by", most) : place(dot, title, look, most);
      if (whole || (number && most && place(dot, number, "by", Infinity))) done.add(dot);
    }
    names.replaceChildren();
    for (const dot of new Set([chosen, me ?? chosen])) name(dot, Infinity);
    for (const dot of movies) if (done.size < data.named + 2) name(dot, 0);
    for (const dot of by) name(dot, 8);
    for (const dot of rated) name(dot, 0);
  }
  function point(dot) {  // names a dot above all else
    pointed?.mark.classList.remove("at");
    pointed = dot;
    tip.replaceChildren();
    dot?.mark.classList.add("at");
    if (!dot || dot === chosen) return;  // whose name is written, and stands over the list
    const text = dot.title + after(gave(dot)), w = measure(text) + 14;
    const x = Math.max(1, Math.min(plot.width - w - 1, dot.x - w / 2)), y = dot.y > 44 ? dot.y - 42 : dot.y + 16;
    draw(tip, "rect", { x, y, width: w, height: 26, rx: 4 });
    draw(tip, "text", { x: x + 7, y: y + 18 }, text);
  }

  // Pointer and keys on the map.
  function under(event) {
    const [x, y] = plot.at(event);
    const far = (dot) => Math.hypot(dot.x - x, dot.y - y), best = dots.reduce((a, b) => (far(b) <= far(a) ? b : a));
    return far(best) <= REACH ? best : null;
  }
  svg.onpointermove = (event) => {
    const dot = under(event);
    if (event.pointerType === "mouse" && dot !== pointed) point(dot);
  };
  svg.onpointerleave = () => point(null);
  svg.onclick = (event) => {
    const dot = under(event);
    if (dot) choose(dot);
    here.mark.focus({ preventScroll: true });
  };
  svg.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") choose(here);
    const [right, up] = ARROWS[event.key] ?? [0, 0];
    const cost = (dot) => {  // to the nearest that lies more in this direction than aside
      const [x, y] = [dot.x - here.x, here.y - dot.y], ahead = x * right + y * up, aside = Math.abs(x * up + y * right);
      return ahead > 0 && aside <= ahead ? ahead + aside : Infinity;
    };
    const next = dots.reduce((a, b) => (cost(b) < cost(a) ? b : a));
    if (cost(next) < Infinity) next.mark.focus({ preventScroll: true });
  };

  function offer(places, at) {  // what the search finds has a ring, as you type
    movies.forEach(({ mark }, i) => mark.classList.toggle("hit", places.includes(i)));
    point(movies[at] ?? null);
  }
  show();
  picker(make, bar, "Find a movie", movies.map(({ title }) => title), (place) => choose(movies[place]), offer);
}
