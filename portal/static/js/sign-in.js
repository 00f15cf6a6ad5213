const field = document.querySelector("#password");
const button = document.querySelector("#show-password");

if (field instanceof HTMLInputElement && button instanceof HTMLButtonElement) {
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.ariaPressed = String(!shown);
    field.focus();
  });
}
