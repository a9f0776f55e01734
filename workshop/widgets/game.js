function (root, data, gp, { make, draw, labelled, menu, button, interpolate, mark, picture }) {
  const Z = Array.from({ length: 201 }, (_, i) => i / 200), PLAYERS = ["you", "random", "bayesian"];
  const rounds = data.rounds.map(({ truth, random, limits }) => {
    const X = truth.map((_, i) => i / (truth.length - 1)), [low, high] = [Math.min(...truth), Math.max(...truth)];
    return { truth: [X, truth], random, limits, low, high, top: X[truth.indexOf(high)], plays: null };
  });
  let round = 0, mine = [], player = "bayesian", k = data.budget;
  root.querySelector("p").remove();
  const title = make(root, "p", { className: "title" }), bar = make(root, "div", { className: "bar" });
  const where = labelled(bar, "Where to look next (0 to 1)", "input", { type: "number", min: 0, max: 1, step: 0.01 });
  where.onkeydown = (event) => { if (event.key === "Enter" && !event.repeat) evaluate(where.valueAsNumber); };
  const look = button(bar, "Evaluate", () => evaluate(where.valueAsNumber));
  const again = button(bar, "Next round", next);
  const status = make(root, "p", { className: "big", ariaLive: "polite" });
  const y = { ends: rounds[0].limits, label: "value" };
  const plot = picture(root, { x: { ends: [0, 1], label: "hyperparameter" }, y }, data.colours, show);
  const debrief = make(root, "div", {}), steps = make(debrief, "div", { className: "bar" });
  const whose = menu(steps, "Whose trials", ["bayesian", "you", "random"], () => { player = whose.value; show(); });
  const after = labelled(steps, "after trial", "input", { type: "range", min: 1, max: data.budget, step: 1 });
  const number = make(steps, "output", {});
  after.oninput = () => { k = Number(after.value); show(); };
  const story = make(debrief, "p", {}), scores = make(root, "table", {});
  const keeping = make(root, "div", { className: "bar" });
  const who = labelled(keeping, "Your name", "input", { type: "text", maxLength: 30 });
  button(keeping, "Download scores", () => {
    const rows = [["name", "round", ...PLAYERS], ...done().map(([each, i]) => [who.value, i + 1, ...points(each)])];
    const quoted = (cell) => `"${String(cell).replaceAll('"', '""')}"`;
    const csv = rows.map((row) => row.map(quoted).join(",") + "\n").join("");
    const href = "data:text/csv;charset=utf-8," + encodeURIComponent(csv);
    make(keeping, "a", { href, download: "scores.csv" }).click();
    keeping.lastChild.remove();
  });
  plot.svg.onclick = (event) => { if (event.detail < 2) evaluate(Number(plot.valuesAt(event)[0].toFixed(3))); };

  const now = () => rounds[round], over = () => mine.length === data.budget;
  const best = (trials) => Math.max(...trials.map((trial) => trial[1]));
  const points = ({ plays, low, high }) =>  // of each player: how far up, from 0 to 100
    PLAYERS.map((name) => Number(((100 * (best(plays[name]) - low)) / (high - low || 1)).toFixed(1)));
  const done = () => rounds.map((each, i) => [each, i]).filter(([each]) => each.plays);
  const near = (trials) => trials.filter((trial) => Math.abs(trial[0] - now().top) <= 0.05).length;
  const played = (X) => X.map((x) => [x, interpolate(now().truth, x)]);

  function evaluate(x) {
    if (over()) return;
    if (!(x >= 0 && x <= 1)) return show("Give a number from 0 to 1.");
    if (mine.some((trial) => trial[0] === x)) return show(`${x} is tried already; no trial is spent.`);
    mine.push(...played([x]));
    where.value = x;
    if (over()) now().plays = { you: mine, random: played(now().random), bayesian: search() };
    show();
  }
  function next() {
    round = (round + 1) % rounds.length;
    if (!round) rounds.forEach((each) => { each.plays = null; });
    [mine, player, k, y.ends] = [[], "bayesian", data.budget, now().limits];
    whose.value = player;
    plot.layout();
    show();
  }
  function believe(trials) {  // the belief after some trials, and where the expected improvement is highest
    const values = trials.map((trial) => trial[1]), middle = values.reduce((a, b) => a + b) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length) || 1;
    const X = trials.map((trial) => trial[0]), y = values.map((value) => (value - middle) / spread);
    const known = { kernel: "Matérn 5/2", signal: 1, noise: 1e-5, level: 0 }, scale = gp.fitted(X, y, known);
    const about = gp.believe(X, y, { ...known, scale }), mean = about.mean(Z), std = about.std(Z);
    const promise = mean.map((one, i) => gp.ACQUISITIONS["expected improvement"](one, std[i], Math.max(...y), 0));
    const back = (value) => middle + spread * value, wide = std.map((one) => spread * one);
    return { Z, mean: mean.map(back), std: wide, promise, next: Z[promise.indexOf(Math.max(...promise))] };
  }
  function search() {
    const trials = played([0.5, 0.15, 0.85].slice(0, data.budget));
    while (trials.length < data.budget) trials.push(...played([believe(trials).next]));
    return trials;
  }
  function verdict() {
    const order = points(now()).map((score, i) => [score, PLAYERS[i]]).sort((a, b) => b[0] - a[0]);
    return order.map(([score, name]) => `${name} ${score.toFixed(1)}`).join(", ") + " (bottom 0, top 100)";
  }
  function why(belief) {  // did remembering pay, and if not, why not?
    const { plays, top, high } = now(), score = points(now()), at = top.toFixed(2), x = Math.round(top * 200);
    const aim = PLAYERS.map((name) => near(plays[name]));
    const close = `Within 0.05 of the top, at ${at}, lie ${aim[2]} of its ${data.budget} trials, ${aim[0]} of yours, `
      + `${aim[1]} at random.`;
    if (Math.max(...score) - score[2] < 0.5) return `Remembering paid. ${close}`;
    const said = `the last belief says ${belief.mean[x].toFixed(1)} ± ${(2 * belief.std[x]).toFixed(1)} at ${at}`;
    return high > belief.mean[x] + 2 * belief.std[x]
      ? `Remembering did not pay: ${said}, and the truth there is ${high.toFixed(1)}. The hill is narrower than its `
        + `trials could tell. ${close}`
      : `Remembering was slower: ${said}, so the top, ${high.toFixed(1)}, is still thought possible; more trials would `
        + `look there. ${close}`;
  }
  function tell(belief, trials) {
    if (k === data.budget) return why(believe(now().plays.bayesian));
    const peak = belief.mean.indexOf(Math.max(...belief.mean)), place = belief.next.toFixed(2);
    const went = `trial ${k + 1} went to ${trials[k][0].toFixed(2)}.`;
    let then = `Knowing this, the search would have looked at ${place}; ${went}`;
    if (player === "bayesian") {
      then = k < 3 ? `Its first three places are fixed: ${went}`
        : `Most improvement was promised at ${place}: there went trial ${k + 1}.`;
    }
    const height = `${belief.mean[peak].toFixed(1)} ± ${(2 * belief.std[peak]).toFixed(1)}`;
    return `After trial ${k} the top is believed at ${belief.Z[peak].toFixed(2)}: ${height}. ${then}`;
  }
  function show(complaint) {
    const trials = over() ? now().plays[player].slice(0, k) : mine, belief = over() ? believe(trials) : {};
    plot.show(over() ? { ...belief, truth: now().truth, next: k < data.budget ? belief.next : undefined } : {});
    plot.marks.replaceChildren();
    trials.forEach(([x, y], i) => {
      const [left, up] = plot.place(x, y), who = over() ? player : "you";
      mark(plot.marks, data.marks[who], left, up, data.colours[who]);
      draw(plot.marks, "text", { x: left, y: up - 13, "text-anchor": "middle" }, i + 1);
    });
    title.textContent = `Round ${round + 1} of ${rounds.length}: find the highest point in ${data.budget} trials`;
    look.ariaDisabled = where.ariaDisabled = String(over());
    again.ariaDisabled = String(!over());
    again.textContent = over() && round === rounds.length - 1 ? "Start again" : "Next round";
    debrief.style.visibility = over() ? "" : "hidden";
    const last = mine.at(-1);
    status.textContent = complaint || (over() ? verdict()
      : last ? `Trial ${mine.length}: ${last[0]} gives ${last[1].toFixed(2)}; best so far ${best(mine).toFixed(2)}`
      : "Click in the picture, or type a number.");
    plot.svg.setAttribute("aria-label", status.textContent);
    after.value = k;
    number.textContent = k;
    if (over()) story.textContent = tell(belief, now().plays[player]);
    count();
  }
  function count() {
    scores.replaceChildren();
    keeping.style.visibility = done().length ? "" : "hidden";
    if (!done().length) return;
    const line = (head, cells, tag = "td") => {
      const row = make(scores, "tr", {});
      make(row, "th", { textContent: head, scope: tag === "th" ? "col" : "row" });
      for (const textContent of cells) make(row, tag, { textContent });
    };
    line("round", PLAYERS, "th");
    for (const [each, i] of done()) line(i + 1, points(each).map((score) => score.toFixed(1)));
    line("total", PLAYERS.map((_, i) => done().reduce((sum, [each]) => sum + points(each)[i], 0).toFixed(1)));
  }
  show();
}
