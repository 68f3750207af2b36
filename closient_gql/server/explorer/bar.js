// The bar: the API key of this tab, which is what the user typed, else what the server offered. It is never part of an
// address, and gone with the tab.
const NAME = "closient-key";
const field = document.querySelector("#key");
const offered = document.querySelector(`meta[name="${NAME}"]`)?.content ?? "";

field.value = sessionStorage.getItem(NAME) ?? offered;

/** The key as the field shows it now. */
export const key = () => field.value.trim();

/** Calls `listener` whenever the user has entered another key. */
export function onKey(listener) {
  field.addEventListener("change", () => {
    sessionStorage.setItem(NAME, key());
    listener();
  });
}

onKey(() => {});

// A click elsewhere closes the menu.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".bar details")) menu.open &&= menu.contains(event.target);
});
