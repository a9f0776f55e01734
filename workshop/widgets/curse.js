function (root, data) {
  const make = (parent, tag, attributes) => Object.assign(parent.appendChild(document.createElement(tag)), attributes);
  const table = root.querySelector("table"), bar = document.createElement("div"), answer = document.createElement("p");
  bar.className = "bar";
  answer.className = "big";
  answer.setAttribute("aria-live", "polite");
  root.insertBefore(bar, table);
  root.insertBefore(answer, table);
  const inputs = {};
  for (const field of data.fields) {
    const label = make(bar, "label", { textContent: field.name + " " });
    const { value, max } = field, min = field.key === "minutes" ? 0 : 1;
    inputs[field.key] = make(label, "input", { type: "number", min, max, step: "any", value, oninput: show });
  }
  const number = (value) => {
    if (value < 1e15) return value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
    const [digits, power] = value.toExponential(1).split("e+");
    return `${digits} × 10^${power}`;
  };
  const hours = (jobs, now) => (Math.ceil(jobs / now.parallel) * now.minutes) / 60;

  function show() {
    const now = {};
    for (const { key, name, max } of data.fields) {
      now[key] = inputs[key].valueAsNumber;
      if (!(now[key] > 0 && now[key] <= max) || (key !== "minutes" && !Number.isInteger(now[key]))) {
        const kind = key === "minutes" ? "number above 0 and up to" : "whole number from 1 to";
        answer.textContent = `${name}: give a ${kind} ${max.toLocaleString("en-US")}.`;
        return;
      }
    }
    const jobs = now.values ** now.hyperparameters, time = hours(jobs, now);
    const days = time >= 48 ? ` = ${number(time / 24)} days` : "";
    const years = time >= 17520 ? ` = ${number(time / 8760)} years` : "";
    const power = `${now.values}^${now.hyperparameters}`;
    answer.textContent = `${power} = ${number(jobs)} jobs: ${number(time)} hours${days}${years}`;
    data.rows.forEach((values, row) => data.columns.forEach((count, column) => {
      const cell = table.tBodies[0].rows[row].cells[column + 1], some = values ** count;
      cell.innerHTML = `${number(some)} jobs<br><span class="note">${number(hours(some, now))} hours</span>`;
      cell.style.background = values === now.values && count === now.hyperparameters ? "var(--mark)" : "";
    }));
  }
  show();
}
