function (root, data, { make, draw, RATINGS, remembered }, { plain, finder }) {
  const SHOWN = 6, WANTED = 10;
  const movies = new Map(data.movies.map(([id, title, expected, count]) => [id, { id, title, expected, count }]));
  const all = [...movies.values()], find = finder(all.map(({ title }) => title));
  const first = Object.keys(data.stored).length ? data.stored : remembered();
  const mine = new Map(Object.entries(first).map(([id, stars]) => [Number(id), stars]).filter(([id]) => movies.has(id)));

  root.querySelectorAll(":scope > p").forEach((one) => one.remove());
  const line = make(make(root, "div", { className: "bar" }), "label", { textContent: "Find a movie " });
  const field = make(line, "input", { type: "text", autocomplete: "off", spellcheck: false, oninput: search });
  const more = make(line.parentElement, "button", { type: "button", textContent: "Others", onclick: () => { field.value = ""; from += SHOWN; search(); } });
  more.title = "Other well-known movies";
  const found = make(root, "div", { className: "movies offered" }), said = make(root, "p", { className: "note" });
  said.setAttribute("role", "status");
  make(root, "strong", { textContent: "My ratings" });
  const list = make(root, "div", { className: "movies kept" }), stand = make(root, "p", { className: "stand" }), plot = draw(root, "svg", { role: "img", "font-size": 14 });
  const forget = make(root, "button", { type: "button", className: "quiet", onclick: () => {
    sure = !sure;
    if (!sure) [...mine.keys()].forEach((id) => rate(id, 0));
    tell();
  } });
  const rows = new Map();
  let from = 0, sure = false;
  field.onkeydown = (event) => { if (event.key === "ArrowDown") found.querySelector(".stars")?.focus(); };
  search();
  [...mine.keys()].forEach(listed);
  tell();
  if (!Object.keys(data.stored).length && mine.size) send(20);

  function search() {
    const typed = plain(field.value), hits = typed ? find(typed).map((place) => all[place]) : all.filter(({ id }) => !mine.has(id)).slice(from % all.length);
    found.replaceChildren();
    hits.slice(0, SHOWN).forEach(({ id }) => row(found, id));
    said.textContent = !typed ? "Well-known movies. Type to find others; ↓ leads to the stars, 1 to 5 or ← → rate."
      : hits.length > SHOWN ? `${hits.length} found, ${SHOWN} of them here.` : hits.length ? `${hits.length} found.` : "None found with five ratings or more. Fewer letters may find it.";
  }
  function row(parent, id) {
    const one = make(parent, "div", {}), { title } = movies.get(id), stars = make(one, "span", { className: "stars", tabIndex: 0, textContent: "★★★★★" });
    make(stars, "b", { textContent: "★★★★★" });
    make(one, "span", { textContent: title });
    one.dataset.id = id;
    for (const [name, value] of Object.entries({ role: "slider", "aria-label": title, "aria-valuemin": 0, "aria-valuemax": 5 })) stars.setAttribute(name, value);
    stars.onclick = (event) => {
      const box = stars.getBoundingClientRect();
      rate(id, Math.min(5, Math.max(0.5, Math.ceil((10 * (event.clientX - box.left)) / box.width) / 2)));
      setTimeout(() => stars.focus({ preventScroll: true }));  // a notebook takes the focus when it is clicked
    };
    stars.onkeydown = (event) => {
      const now = mine.get(id) ?? 0, step = { ArrowRight: 0.5, ArrowLeft: -0.5 }[event.key];
      const all = [...root.querySelectorAll(".stars")], move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^[0-5]$/.test(event.key)) rate(id, Number(event.key));
      else if (step) rate(id, Math.min(5, Math.max(0, now + step)));
      else if (move) (all[all.indexOf(stars) + move] ?? field).focus();
      else if (event.key === "Delete" || event.key === "Backspace") rate(id, 0);
      else return;
      event.preventDefault();
    };
    paint(one);
    return one;
  }
  function paint(one) {
    const value = mine.get(Number(one.dataset.id)) ?? 0, stars = one.firstChild;
    stars.lastChild.style.width = `${20 * value}%`;
    stars.setAttribute("aria-valuenow", value);
    stars.setAttribute("aria-valuetext", value ? `${value} stars` : "not rated");
  }
  function listed(id) {
    if (!rows.has(id)) rows.set(id, row(list, id));
    list.prepend(rows.get(id));
  }
  function rate(id, stars) {
    if (stars) mine.set(id, stars);
    else mine.delete(id);
    sure &&= !stars;
    if (stars && !rows.has(id)) listed(id);
    root.querySelectorAll(`[data-id="${id}"]`).forEach(paint);
    try { localStorage.setItem(RATINGS, JSON.stringify(Object.fromEntries(mine))); } catch { /* Python may still keep them */ }
    tell();
    send(1);
  }
  function send(tries) {  // to the text area that Python listens to, once it stands below
    const near = root.closest(".jp-OutputArea") ?? document, inbox = [...near.querySelectorAll(".workshop-inbox textarea")].at(-1);
    if (!inbox) return tries > 1 && setTimeout(() => send(tries - 1), 300);
    inbox.value = JSON.stringify(Object.fromEntries(mine));
    inbox.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function tell() {
    const rated = [...mine].map(([id, stars]) => ({ ...movies.get(id), stars })), n = rated.length;
    const sorted = rated.map(({ count }) => count).sort((a, b) => a - b);
    const me = [n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2, rated.reduce((sum, { stars, expected }) => sum + stars - expected, 0) / n];
    const above = (axis) => Math.round((100 * data.users.filter((user) => user[axis] < me[axis]).length) / data.users.length);
    const missing = n < WANTED ? `${WANTED - n} more, and the next parts know you well enough. ` : "";
    const [share, word] = me[1] < 0 ? [100 - above(1), "harsher"] : [above(1), "more generous"];
    stand.textContent = !n ? "Rate ten movies or more. Whoever rates nothing is Ann." : missing + `${n} rated, ${Math.abs(me[1]).toFixed(2)} stars `
      + `${me[1] < 0 ? "below" : "above"} the movies' means: ${word} than ${share}% of ${data.users.length} users. Your movies are better known than those of ${above(0)}%.`;
    const W = Math.max(330, Math.min(640, root.clientWidth - 12)), x = (value) => 60 + ((W - 80) * Math.log(value / 3)) / Math.log(90);
    const y = (value) => 145 - 62 * Math.max(-2.1, Math.min(2.1, value));
    plot.setAttribute("viewBox", `0 0 ${W} 330`);
    plot.setAttribute("width", W);
    plot.replaceChildren();
    for (const value of [5, 10, 20, 50, 100, 200]) draw(plot, "text", { x: x(value), y: 298, "text-anchor": "middle" }, value);
    for (const value of [-2, -1, 0, 1, 2]) draw(plot, "text", { x: 50, y: y(value) + 5, "text-anchor": "end" }, value);
    draw(plot, "text", { x: (W + 60) / 2, y: 322, "text-anchor": "middle" }, "ratings of the user's median movie");
    draw(plot, "text", { x: 14, y: 145, "text-anchor": "middle", transform: "rotate(-90 14 145)" }, "stars above the movies' means");
    draw(plot, "path", { d: `M60 ${y(0)}H${W - 10}`, stroke: "#999" });
    for (const user of data.users) draw(plot, "circle", { cx: x(user[0]), cy: y(user[1]), r: 3, fill: "#767676", "fill-opacity": 0.45 });
    if (n) {
      draw(plot, "circle", { cx: x(me[0]), cy: y(me[1]), r: 9, fill: "#e69f00", stroke: "#111", "stroke-width": 2, class: "me" });
      draw(plot, "text", { x: x(me[0]) + (me[0] > 120 ? -14 : 14), y: y(me[1]) + 6, "text-anchor": me[0] > 120 ? "end" : "start", "font-weight": 700, "font-size": 18 }, "you");
    }
    plot.setAttribute("aria-label", `${data.users.length} users: generous above, mainstream to the right. ${stand.textContent}`);
    sure &&= n > 0;
    forget.textContent = sure ? `Forget all ${n}? Then click again` : "Forget my ratings";
    forget.setAttribute("aria-disabled", !n);
  }
}
