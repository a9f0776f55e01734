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
    inputs[field.key] = make(label, "input", { type: "number", min: 1, max: field.max, value: field.value, oninput: show });
  }
  const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
  const hours = (jobs, now) => (Math.ceil(jobs / now.parallel) * now.minutes) / 60;

  function show() {
    const now = {};
    for (const [key, input] of Object.entries(inputs)) {
      now[key] = key === "minutes" ? Number(input.value) : Math.round(Number(input.value));
      if (!(now[key] > 0 && now[key] <= Number(input.max))) {
        answer.textContent = `Give a number from 1 to ${input.max} in each field.`;
        return;
      }
    }
    const jobs = now.values ** now.hyperparameters, time = hours(jobs, now);
    const days = time >= 48 ? ` = ${number(time / 24)} days` : "";
    const years = time >= 17520 ? ` = ${number(time / 8760)} years` : "";
    answer.textContent = `${now.values}^${now.hyperparameters} = ${number(jobs)} jobs: ${number(time)} hours${days}${years}`;
    data.rows.forEach((values, row) => data.columns.forEach((count, column) => {
      const cell = table.tBodies[0].rows[row].cells[column + 1], some = values ** count;
      cell.innerHTML = `${number(some)} jobs<br><span class="note">${number(hours(some, now))} hours</span>`;
      cell.style.background = values === now.values && count === now.hyperparameters ? "#fbe7b2" : "";
    }));
  }
  show();
}
