// Small things that need a hand in the browser; every page works without them.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.submit();
  if (event.target.matches("[data-drop] input[type=file]")) showName(event.target);
});

// A day is typed piece by piece, and every piece makes a valid day: wait until it stands still.
for (const field of document.querySelectorAll("input[type=date][data-submit]")) {
  const given = field.value;
  let waiting = 0;
  const send = () => { clearTimeout(waiting); if (field.value && field.value !== given && field.validity.valid) field.form.submit(); };
  const wait = () => { clearTimeout(waiting); waiting = setTimeout(send, 1200); };
  field.addEventListener("change", wait);
  field.addEventListener("keydown", wait);
  field.addEventListener("blur", send);
}

// What cannot be undone is asked about first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

function showName(input) {
  const label = input.closest("[data-drop]").querySelector("[data-drop-name]");
  if (input.files.length) label.textContent = [...input.files].map((file) => file.name).join("，");
}

for (const zone of document.querySelectorAll("[data-drop]")) {
  const input = zone.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("drop-over"); });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("drop-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("drop-over");
    input.files = event.dataTransfer.files;
    showName(input);
  });
}

// Verdict buttons show only the claims of one kind; pressed again, all of them.
for (const bar of document.querySelectorAll("[data-verdicts]")) {
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-verdict]");
    if (!button) return;
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of bar.querySelectorAll("[data-verdict]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    for (const card of document.querySelectorAll("[data-claim]")) {
      card.hidden = on && card.dataset.claim !== button.dataset.verdict;
    }
  });
}

// An input method's half-typed letters are no search: wait until the word is chosen.
document.addEventListener("input", (event) => {
  if (event.isComposing) event.stopPropagation();
}, true);
document.addEventListener("compositionend", (event) => {
  event.target.dispatchEvent(new Event("input", { bubbles: true }));
}, true);
