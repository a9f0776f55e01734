function (root, data, { make, set, draw, menu, number, plural, percent, axes, follow }, { picker }) {
  // Movies stand in places 1, 2, ... from the most rated to the least; those with as many ratings share theirs,
  // and which of them stands first was drawn by lot.
  const { titles, colours } = data, n = titles.length, HEIGHT = 270;
  const runs = [], counts = [], collected = [0];
  for (const [count, movies] of data.runs) {
    runs.push({ count, first: counts.length + 1, last: counts.length + movies });
    for (let i = 0; i < movies; i++) {
      counts.push(count);
      collected.push(collected.at(-1) + count);
    }
  }
  const total = collected[n], runOf = (place) => runs.find(({ last }) => place <= last);
  const now = { line: data.line, movie: null, genre: null };
  let left = [0];  // how many of the genre's movies are among the first 0, 1, 2, ...
  root.querySelectorAll(":scope > table, :scope > p").forEach((one) => one.remove());

  const bar = make(root, "div", { className: "bar" });
  picker(make, bar, "Find a movie", titles, (i) => { now.movie = i + 1; showMovie(); });
  const genres = menu(bar, "Genre", ["any", ...data.genres], () => askFor(genres.selectedIndex - 1));
  const kind = menu(bar, "Axes", ["linear", "logarithmic"], turn);
  const told = make(root, "p", { className: "big" });
  told.append("The first ");
  const typed = make(told, "input", { type: "number", min: 1, max: n, step: 1, ariaLabel: "How many of the first movies" });
  const share = make(told, "span", {}), last = make(root, "p", { className: "note" });
  const x = { label: "movies, most rated first", format: number }, y = { label: "ratings per movie", format: number };
  const plot = axes(make(root, "div", {}), { x, y, height: HEIGHT }, drawAll);
  const aside = make(root, "div", { hidden: true }), aboutBars = make(aside, "p", { className: "note" });
  const part = { ends: [0, 1], ticks: [], format: percent };
  const strip = axes(aside, { x: { ends: [0, 1] }, y: part, height: 64 }, drawGenre);
  const [aboutMovie, aboutGenre] = [0, 1].map(() => make(root, "p", { className: "told", ariaLive: "polite" }));
  aboutMovie.textContent = "Find a movie, and see where it stands.";

  const tail = draw(plot.inside, "path", { fill: colours.tail, class: "tail" });
  const head = draw(plot.inside, "svg", { x: 0, y: 0, height: HEIGHT }), front = draw(head, "path", { fill: colours.head });
  const handle = draw(plot.above, "g", {
    class: "trial handle", tabindex: 0, role: "slider", "aria-label": "The first movies", "aria-valuemin": 1, "aria-valuemax": n,
  });
  draw(handle, "path", { d: `M0 0V${HEIGHT}`, class: "line" });
  draw(handle, "circle", { r: 10, cy: HEIGHT, class: "dot" });
  const tied = draw(plot.above, "path", { class: "tied" }), dot = draw(plot.above, "circle", { r: 7.5, class: "dot", visibility: "hidden" });
  const title = draw(plot.above, "text", { class: "title" });
  const bars = draw(strip.inside, "path", { fill: colours.genre, class: "share" }), all = draw(strip.inside, "path", { class: "usual" });
  follow(plot.svg, handle, (event) => to(plot.valuesAt(event)[0] - 0.5));
  handle.onkeydown = (event) => {
    const far = event.shiftKey ? 10 : 1, step = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far, PageDown: -100, PageUp: 100 }[event.key];
    if (step) to(now.line + step);
    else if (event.key === "Home" || event.key === "End") to(event.key === "Home" ? 1 : n);
    else return;
    event.preventDefault();
  };
  typed.oninput = () => {
    const wanted = typed.valueAsNumber;
    if (wanted >= 1 && wanted <= n && wanted % 1 === 0) to(wanted);
    else share.textContent = ` movies: give a whole number from 1 to ${number(n)}.`;
  };

  function to(line) {
    now.line = Math.max(1, Math.min(n, Math.round(line)));
    showLine();
  }
  function turn() {  // the axes
    const log = kind.value === "logarithmic";
    Object.assign(x, { log, ends: [0.5, n + 0.5] });
    Object.assign(y, { log, ends: log ? [0.7, 1.4 * counts[0]] : [0, 1.06 * counts[0]] });
    plot.layout();
    drawAll();
  }
  function drawAll() {
    const low = HEIGHT + 2;
    const d = runs.map(({ count, first, last }) => `L${plot.x(first - 0.5).toFixed(1)} ${plot.y(count).toFixed(1)}H${plot.x(last + 0.5).toFixed(1)}`).join("");
    for (const path of [tail, front]) path.setAttribute("d", `M0 ${low}${d}V${low}z`);
    showLine();
    showMovie();
    drawGenre();
  }
  function showLine() {
    const { line } = now, got = collected[line] / total, at = plot.x(line + 0.5);
    head.setAttribute("width", Math.max(0, at));
    handle.setAttribute("transform", `translate(${at} 0)`);
    if (typed.valueAsNumber !== line) typed.value = line;
    share.textContent = ` movie${line > 1 ? `s, ${percent(line / n)} of all,` : ""} collect${line > 1 ? "" : "s"} ${percent(got)} of all ratings.`;
    const rest = n - line, each = (total - collected[line]) / rest;
    last.textContent = `${line > 1 ? "The last of them" : "It is"}: ${titles[line - 1]}, ${plural(counts[line - 1], "rating")}.`
      + (rest ? ` The other ${number(rest)} have ${each.toFixed(1)} each, on average.` : "");
    handle.setAttribute("aria-valuenow", line);
    handle.setAttribute("aria-valuetext", `The first ${line}: ${percent(got)} of all ratings`);
    tellGenre();
  }
  function showMovie() {
    if (!now.movie) return;
    const { count, first, last } = runOf(now.movie), at = (plot.x(first - 0.5) + plot.x(last + 0.5)) / 2, high = plot.y(count);
    const name = titles[now.movie - 1], said = name.length > 34 ? name.slice(0, 32) + "…" : name, toLeft = at + 10 * said.length > plot.width;
    tied.setAttribute("d", `M${plot.x(first - 0.5)} ${high}H${plot.x(last + 0.5)}`);
    set(dot, { cx: at, cy: high, visibility: "inherit" });
    const beside = `translate(${at + (toLeft ? -12 : 14)} ${Math.max(16, high - 12)})`;
    set(title, { transform: beside, "text-anchor": toLeft ? "end" : "start" });
    title.textContent = said;
    const place = first === last ? `place ${number(first)} of ${number(n)}`
      : `places ${number(first)} to ${number(last)} of ${number(n)}, which ${number(last - first + 1)} movies share`;
    aboutMovie.textContent = `${name}: ${plural(count, "rating")}, ${percent(count / total)} of all; ${place}.`;
  }
  function askFor(genre) {
    now.genre = genre < 0 ? null : genre;
    left = [0];
    for (const one of data.of) left.push(left.at(-1) + ((one >> now.genre) & (now.genre !== null)));
    aside.hidden = now.genre === null;
    drawGenre();
    tellGenre();
  }
  function drawGenre() {  // of every stretch of the axis, at least 60 movies long: the share that belongs to the genre
    if (now.genre === null) return;
    const stretches = [], usual = left[n] / n;
    for (let from = 0, pixel = 0; from < n;) {
      let to = from;
      while (to < n && (to - from < 60 || plot.x(to + 0.5) < pixel + 14)) to++;
      if (n - to < 60) to = n;
      stretches.push([from, to, (left[to] - left[from]) / (to - from)]);
      [from, pixel] = [to, plot.x(to + 0.5)];
    }
    const top = Math.max(...stretches.map(([, , high]) => high), 2 * usual);
    Object.assign(part, { ends: [0, Math.min(1, 1.05 * top)], ticks: [usual] });
    strip.layout();
    const d = stretches.map(([from, to, high]) => `M${plot.x(from + 0.5)} ${strip.height}V${strip.y(high)}H${plot.x(to + 0.5) - 1}V${strip.height}z`);
    bars.setAttribute("d", d.join(""));
    all.setAttribute("d", `M0 ${strip.y(usual)}H${strip.width}`);
  }
  function tellGenre() {
    if (now.genre === null) { aboutGenre.textContent = ""; return; }
    const name = data.genres[now.genre], { line } = now, usual = percent(left[n] / n);
    const got = data.of.reduce((sum, one, i) => sum + ((one >> now.genre) & 1) * counts[i], 0);
    aboutBars.textContent = `${name} among the movies above; dashed: among all, ${usual}`;
    aboutGenre.textContent = `${name}: ${number(left[n])} movies, ${usual} of all, and ${percent(got / total)} of all ratings. `
      + `Of the first ${number(line)} movies: ${number(left[line])}, ${percent(left[line] / line)}.`;
  }
  turn();
}
