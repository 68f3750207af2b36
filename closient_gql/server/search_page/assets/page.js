// What the page can do besides: find where you are, jump to the box, show hit and map together.
const locate = document.querySelector("#locate");
if (locate && "geolocation" in navigator) {
  const form = locate.form;
  locate.hidden = false;
  locate.addEventListener("click", () => {
    locate.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude;
        form.elements.lon.value = coords.longitude;
        form.elements.where.value = "";
        form.elements.where.placeholder = "Your position";
        locate.textContent = "Position found";
        if (form.elements.q.value) form.requestSubmit();
        else form.elements.q.focus();
      },
      () => {
        locate.textContent = "Not available";
      },
    );
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    document.querySelector("#q").focus();
  }
});
for (const mark of document.querySelectorAll("svg a")) {
  const hit = document.querySelector(mark.getAttribute("href"));
  const both = (on) => () => [mark, hit].forEach((each) => each.classList.toggle("looked-at", on));
  for (const each of [mark, hit]) {
    each.addEventListener("pointerenter", both(true));
    each.addEventListener("pointerleave", both(false));
    each.addEventListener("focusin", both(true));
    each.addEventListener("focusout", both(false));
  }
}
