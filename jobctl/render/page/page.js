
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

  // What is asked at every move of a control, read once: the words that are not the page's own.
  const records = [...table.tBodies].map((record) => ({
    record,
    row: record.rows[0],
    items: [...record.querySelectorAll(".item")],
    drawing: record.querySelector(".drawing"),
    text: [...record.rows[0].cells, ...record.querySelectorAll(".list tbody tr, .facts div, figcaption")]
      .map((part) => part.textContent.toLowerCase()).join("\n"),
  }));

  const apply = () => {
    const { words, group, least, off } = asked();
    let shown = 0;
    for (const { record, row, items, drawing, text } of records) {
      const sure = [];
      let [found, drawn] = [0, 0];
      for (const item of items) {
        const { kind, confidence } = item.dataset;
        // What the service is silent about stays; what is shown as 0.70 is at least 0.70.
        const hide = off.has(kind) || (confidence !== undefined && Number(Number(confidence).toFixed(2)) < least);
        if (item.hasAttribute("hidden") !== hide) item.toggleAttribute("hidden", hide);
        if (hide) continue;
        if (item.localName !== "tr") drawn += 1;
        else {
          found += 1;
          if (confidence !== undefined) sure.push(Number(confidence));
        }
      }
      if (items.length > 0) {
        row.querySelector(".found").textContent = found;
        row.querySelector(".best").textContent = sure.length > 0 ? Math.max(...sure).toFixed(2) : "";
        drawing?.setAttribute("aria-label", `${drawn} ${drawn === 1 ? "feature" : "features"}`);
      }
      record.hidden =
        (items.length > 0 && found === 0) ||
        !words.every((word) => text.includes(word)) ||
        (group !== "" && row.querySelector(".group").textContent !== group);
      shown += !record.hidden;
    }
    if (id("floor")) id("floor").textContent = least.toFixed(2);
    document.body.classList.toggle("unlabelled", id("labels")?.checked === false);
    id("shown").textContent = `${shown} of ${records.length} ${records.length === 1 ? "record" : "records"} shown`;
    id("none").hidden = shown > 0;
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
  // A file may begin like a picture and be none.
  const blank = (image) => {
    image.closest(".frame").classList.add("empty");
    image.closest("figure").querySelector("figcaption").append(" (the picture cannot be shown)");
    image.remove();
  };
  for (const image of table.querySelectorAll("img")) {
    if (image.complete && image.naturalWidth === 0) blank(image);
    else image.addEventListener("error", () => blank(image));
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
