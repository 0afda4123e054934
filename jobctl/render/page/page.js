
"use strict";
{
  const id = (name) => document.getElementById(name);
  const table = document.querySelector(".records");
  const form = document.querySelector(".controls");
  const heads = [...table.tHead.rows[0].cells];
  document.documentElement.classList.add("script");

  // What the controls ask for; a control that the page has no use for asks for nothing.
  const asked = () => ({
    words: id("words").value.toLowerCase().split(/\s+/).filter(Boolean),
    group: id("group")?.value ?? "",
    least: Number(id("least")?.value ?? 0),
    off: new Set([...form.querySelectorAll("fieldset input:not(:checked)")].map((box) => box.value)),
  });

  const apply = () => {
    const { words, group, least, off } = asked();
    let records = 0;
    for (const record of table.tBodies) {
      let found = 0;
      for (const item of record.querySelectorAll(".item")) {
        // What the service is silent about stays.
        const hide = off.has(item.dataset.kind) || Number(item.dataset.confidence ?? 1) < least;
        item.toggleAttribute("hidden", hide);
        found += item.localName === "tr" && !hide;
      }
      const [row] = record.rows;
      const count = row.querySelector(".found");
      if (count.textContent) count.textContent = found;
      const text = record.textContent.toLowerCase();
      record.hidden =
        !words.every((word) => text.includes(word)) ||
        (group !== "" && row.querySelector(".group").textContent !== group);
      records += !record.hidden;
    }
    if (id("floor")) id("floor").textContent = least.toFixed(2);
    document.body.classList.toggle("unlabelled", id("labels")?.checked === false);
    id("shown").textContent = `${records} of ${table.tBodies.length} records shown`;
    id("none").hidden = records > 0;
  };

  const { compare } = new Intl.Collator("en", { numeric: true });
  const sort = (head, index) => {
    const way = head.ariaSort === "ascending" ? -1 : 1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.ariaSort = way === 1 ? "ascending" : "descending";
    const keyed = [...table.tBodies].map((record) => [record.rows[0].cells[index].textContent, record]);
    // What is not there stands last either way.
    keyed.sort(([a], [b]) => (a === "") - (b === "") || way * compare(a, b));
    // Taking a hundred thousand rows out one by one would take minutes.
    table.replaceChildren(table.tHead);
    for (const [, record] of keyed) table.append(record);
  };

  for (const [index, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, index));
    head.append(button);
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const [happens, lit] of [["pointerover", true], ["pointerout", false]]) {
    table.addEventListener(happens, (event) => {
      const feature = event.target.closest("[data-feature]");
      if (!feature) return;
      const same = feature.closest(".records > tbody").querySelectorAll(`[data-feature="${feature.dataset.feature}"]`);
      for (const one of same) one.classList.toggle("lit", lit);
    });
  }
  apply();
}
