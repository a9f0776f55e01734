function (root, data, { make, set, draw, menu, button, number, plural, percent, axes, follow, ARROWS }) {
  const { mine, genres } = data;
  const STARS = Array.from({ length: 10 }, (_, i) => (i + 1) / 2), FEW = 5;  // ratings that say little
  const FAR = 3.2, sum = (all) => all.reduce((a, b) => a + b, 0);
  const people = [mine, ...data.users].map((one) => {
    const n = sum(one.stars), mean = sum(one.stars.map((count, i) => count * STARS[i])) / n;
    const days = (one.days ?? []).map(([day, count]) => ({ day, count }));
    const of = new Map((one.genres ?? []).map(([genre, count, above]) => [genre, { count, above }]));
    return { ...one, n, mean, days, of };
  });
  const me = people[0], room = people.slice(1), every = STARS.map((_, i) => sum(room.map(({ stars }) => stars[i])));
  function median(values) {
    const all = [...values].sort((a, b) => a - b), half = all.length / 2;
    return (all[Math.floor(half)] + all[Math.ceil(half) - 1]) / 2;
  }
  const now = { who: 0, about: data.about[0], genre: 0 };
  root.querySelectorAll(":scope > table, :scope > p").forEach((one) => one.remove());

  const bar = make(root, "div", { className: "bar" });
  const who = menu(bar, "Whose ratings", people.map(({ name }) => name), () => ask(who.selectedIndex));
  button(bar, "Somebody else", () => ask(1 + ((now.who + Math.floor(0.38 * room.length)) % room.length)));
  const views = data.about.length > 1 && menu(bar, "by", data.about, () => { now.about = views.value; turn(); });
  const line = make(bar, "span", {}), which = menu(line, "Genre", genres ?? [], () => { now.genre = which.selectedIndex; turn(); });
  const told = make(root, "p", { className: "big sentence", ariaLive: "polite" }), beside = make(root, "p", { className: "note" });
  const panels = make(root, "div", { className: "panels" }), [left, right] = [0, 1].map(() => make(panels, "div", {}));
  const roomTitle = make(left, "p", { className: "note" }), ownTitle = make(right, "p", { className: "note" });

  // On the left everybody: a dot each, and one that is asked.
  const x = { log: true, label: "number of ratings" }, y = {};
  const all = axes(left, { x, y, height: 300 }, placeAll);
  const middle = draw(all.inside, "path", { class: "usual" });
  const half = draw(all.above, "text", { y: 18 }), named = draw(all.above, "text", { dy: -12, "text-anchor": "middle" }, me.name);
  const dots = room.map(() => draw(all.inside, "circle", { r: 3.2, class: "other" }));
  const ours = draw(all.inside, "circle", { r: 7, class: "mark mine" });
  const asked = draw(all.above, "g", {
    class: "trial", tabindex: 0, role: "slider", "aria-label": "The dot that is asked", "aria-valuemin": 0, "aria-valuemax": room.length,
  });
  draw(asked, "circle", { r: 9, class: "asked" });
  const called = draw(all.above, "text", { class: "title" });
  follow(all.svg, asked, (event) => {
    const [px, py] = all.at(event), far = ({ place: [a, b] }) => (a - px) ** 2 + (b - py) ** 2;
    if (orders[0].length) ask(orders[0].reduce((near, i) => (far(people[i]) < far(people[near]) ? i : near)));
  });
  asked.onkeydown = (event) => {
    const [across, up] = ARROWS[event.key] ?? { Home: [-Infinity, 0], End: [Infinity, 0] }[event.key] ?? [0, 0];
    if (!across && !up) return;
    const order = orders[across ? 0 : 1], place = order.indexOf(now.who) + across + up;
    if (order.length) ask(order[Math.max(0, Math.min(order.length - 1, place))]);
    event.preventDefault();
  };

  // On the right the one who is asked.
  const look = { x: {}, y: {}, height: 300 }, own = axes(right, look, showOwn);
  const [shapes, rows] = [own.inside, own.above].map((parent) => draw(parent, "g", {}));

  const value = {  // of a person, on both axes of the room
    stars: (one) => [one.n, one.mean],
    genres: (one) => { const of = one.of.get(now.genre); return of && [of.count, of.above]; },
    days: (one) => one.days.length ? [one.n, one.days.length] : undefined,
  };
  let orders = [[], []];  // who stands in the room: from left to right, and from below upwards
  function turn() {  // to other axes
    for (const one of people) one.at = value[now.about](one);
    const known = [...people.keys()].filter((i) => people[i].at);
    orders = [0, 1].map((axis) => [...known].sort((a, b) => people[a].at[axis] - people[b].at[axis]));
    const [xs, ys] = [0, 1].map((axis) => known.map((i) => people[i].at[axis]));
    Object.assign(x, { ends: [0.8 * Math.min(...xs), 1.25 * Math.max(...xs)], label: "number of ratings" });
    if (now.about === "genres") x.label = `ratings of ${genres[now.genre]}`;
    const log = now.about === "days";
    Object.assign(y, {
      stars: { ends: [Math.max(0, Math.min(...ys) - 0.2), 5.1], label: "mean rating (stars)" },
      genres: { ends: [-FAR, FAR], label: "stars above the movies' means" },
      days: { ends: [0.8, 1.3 * Math.max(...ys)], label: "days with a rating" },
    }[now.about], { log });
    line.hidden = now.about !== "genres";
    all.layout();
    placeAll();
    showOwn();
  }
  function placeAll() {
    for (const one of people) {
      one.place = one.at && [all.x(one.at[0]), Math.max(4, Math.min(all.height - 4, all.y(one.at[1])))];
    }
    dots.forEach((dot, i) => put(dot, room[i].place));
    for (const one of [ours, named]) put(one, me.place);
    const typical = median(room.filter(({ at }) => at).map(({ at }) => at[0])), at = all.x(typical);
    middle.setAttribute("d", `M${at} 0V${all.height}`);
    half.textContent = `median ${number(typical)}`;
    half.setAttribute("x", at + 6);
    const count = room.filter(({ place }) => place).length;
    roomTitle.textContent = `${plural(count, "person").replace("persons", "people")}, a dot each: click on one.`;
    mark();
  }
  function put(dot, place) {
    dot.setAttribute("visibility", place ? "inherit" : "hidden");
    if (place) dot.setAttribute("transform", `translate(${place.join(" ")})`);
  }
  function ask(i) {
    now.who = i;
    who.selectedIndex = i;
    mark();
    showOwn();
  }
  function mark() {
    const { place, name } = people[now.who], [left, top] = place ?? [0, all.height], early = left > all.width - 90;
    asked.setAttribute("transform", `translate(${left} ${top})`);
    asked.firstChild.setAttribute("visibility", place ? "inherit" : "hidden");
    const beside = `translate(${left + (early ? -14 : 14)} ${Math.max(16, top - 8)})`;
    set(called, { transform: beside, "text-anchor": early ? "end" : "start" });
    called.textContent = place ? name : "";
    named.textContent = now.who ? me.name : "";
  }
  function say(text, more) {
    told.textContent = text;
    beside.textContent = more;
    set(asked, { "aria-valuenow": now.who, "aria-valuetext": text });
  }
  const below = (one, axis) => {  // the share of the others whose value is below this one's
    const others = room.filter((other) => other !== one && other.at);
    return percent(others.filter((other) => other.at[axis] < one.at[axis]).length / (others.length || 1));
  };

  function showOwn() {
    for (const layer of [shapes, rows]) layer.replaceChildren();
    Object.assign(look, { x: {}, y: {}, height: 300, left: 62, right: 14 });
    show[now.about](people[now.who]);
  }
  const show = {
    stars(one) {
      const shares = [every, one.stars].map((counts) => counts.map((count) => count / sum(counts))), high = 1.18 * Math.max(...shares.flat());
      look.x = { ends: [0.2, 5.3], ticks: [1, 2, 3, 4, 5], label: "stars" };
      look.y = { ends: [0, high], format: percent, label: "share of the ratings" };
      own.layout();
      const wide = own.x(0.4) - own.x(0);
      STARS.forEach((stars, i) => {
        for (const [share, factor, look] of [[shares[0][i], 1, { class: "usually" }], [shares[1][i], 0.6, { class: "own" }]]) {
          const top = own.y(share);
          draw(shapes, "rect", { x: own.x(stars) - (factor * wide) / 2, y: top, width: factor * wide, height: own.height - top, ...look });
        }
        const over = own.y(Math.max(shares[0][i], shares[1][i])) - 5;
        if (one.stars[i]) draw(shapes, "text", { x: own.x(stars), y: over, "text-anchor": "middle" }, number(one.stars[i]));
      });
      ownTitle.textContent = `Grey: everybody. Numbers: how many ratings of ${one.name}.`;
      say(`${one.name}: ${plural(one.n, "rating")}, ${one.mean.toFixed(2)} stars on average`,
        `More ratings than ${below(one, 0)} of the others, a higher mean than ${below(one, 1)}.`);
    },
    genres(one) {
      Object.assign(look, { height: 24 * genres.length, left: 124, right: 44 });
      look.x = { ends: [-FAR, FAR], label: "stars above the movies' means" };
      look.y = { ends: [genres.length - 0.5, -0.5], ticks: [] };
      own.layout();
      const within = (value) => own.x(Math.max(-FAR, Math.min(FAR, value)));
      const reach = (count) => 2 * one.spread / Math.sqrt(count);  // two standard errors, as if all genres spread alike
      genres.forEach((genre, i) => {
        const of = one.of.get(i), middle = own.y(i), row = draw(rows, "g", { class: i === now.genre ? "row chosen" : "row" });
        draw(row, "rect", { x: -look.left, y: middle - 12, width: own.width + look.left + look.right, height: 24 });
        draw(row, "text", { x: -8, y: middle + 5, "text-anchor": "end" }, genre);
        draw(row, "text", { x: own.width + 38, y: middle + 5, "text-anchor": "end" }, number(of?.count ?? 0));
        row.onclick = () => { now.genre = which.selectedIndex = i; turn(); };
        if (!of) return;
        const [from, to] = [-1, 1].map((way) => within(of.above + way * reach(of.count)));
        if (one.n > 1) draw(row, "path", { d: `M${from} ${middle}H${to}`, class: "reach" });
        draw(row, "circle", { cx: within(of.above), cy: middle, r: 6, class: of.count < FEW ? "few" : "" });
      });
      draw(rows, "path", { d: `M${own.x(0)} 0V${own.height}`, class: "grid" });
      draw(rows, "path", { d: `M${within(one.above)} 0V${own.height}`, class: "usual" });
      const of = one.of.get(now.genre), genre = genres[now.genre];
      ownTitle.textContent = `Dashed: all genres. Lines: what may be luck. Hollow: under ${FEW}.`;
      if (!of) return say(`No movie of ${genre} rated by ${one.name}`, "Who has not rated has no dot.");
      const luck = one.n > 1 ? ` ± ${reach(of.count).toFixed(2)}` : "";
      say(`${one.name} on ${genre}: ${Math.abs(of.above).toFixed(2)}${luck} stars ${of.above < 0 ? "below" : "above"} the movies' means`,
        `${plural(of.count, "rating")}${of.count < FEW ? ": too few to say much" : ""}. Higher than ${below(one, 1)} of the others who rated it.`);
    },
    days(one) {
      const most = Math.max(...room.flatMap(({ days }) => days.map(({ count }) => count)));
      const { last, years } = data.dates, year = new Map(years);
      look.x = { ends: [0, last], ticks: [...year.keys()], format: (day) => year.get(day), label: "date of the rating" };
      look.y = { log: true, ends: [0.7, 1.3 * most], label: "ratings on that day" };
      own.layout();
      for (const { day, count } of one.days) {
        draw(shapes, "path", { d: `M${own.x(day)} ${own.height}V${own.y(count)}`, class: "stem" });
        draw(shapes, "circle", { cx: own.x(day), cy: own.y(count), r: 4.5, class: "own" });
      }
      ownTitle.textContent = "A dot for each day with a rating.";
      if (!one.days.length) return say(`No dates are known for ${one.name}`, "Choose somebody else.");
      say(`${one.name}: ${plural(one.n, "rating")} on ${plural(one.days.length, "day")}`,
        `${number(Math.max(...one.days.map(({ count }) => count)))} on the busiest. More days than ${below(one, 1)} of the others.`);
    },
  };
  turn();
  ask(now.about === "days" ? 1 : 0);
}
