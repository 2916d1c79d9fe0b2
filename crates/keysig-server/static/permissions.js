// Keeps the preview of the consent page as the form has it. Without this there is a button for it.
const form = document.getElementById("permissions");
let waiting;
const show = async () => {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "preview");
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = page.getElementById("preview");
  if (shown) document.getElementById("preview").replaceWith(document.adoptNode(shown));
};
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show().catch(() => {}), 300);
});
