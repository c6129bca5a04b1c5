// A bell that a person switches on; the choice stays with this browser.
// Browsers let a page make sounds only after a click or key press on it: until then the button
// says so.

const KEPT = "hutong-bell";
const TONES = [[880, 0], [660, .22], [880, .44], [660, .66]]; // hertz, seconds from the beginning

export function bell(button) {
  let on = localStorage.getItem(KEPT) === "on";
  let sound = null;

  const wake = () => {
    if (!sound) {
      sound = new AudioContext();
      sound.onstatechange = show;
    }
    if (sound.state === "suspended") sound.resume().catch(() => {});
    show();
  };
  const show = () => {
    const asleep = on && sound?.state !== "running";
    button.setAttribute("aria-pressed", String(on));
    button.classList.toggle("asleep", asleep);
    button.textContent = asleep ? button.dataset.asleep : on ? button.dataset.on : button.dataset.off;
  };
  const ring = () => {
    if (!on) return;
    wake();
    for (const [pitch, after] of TONES) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      const begin = sound.currentTime + after;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(.0001, begin);
      volume.gain.exponentialRampToValueAtTime(.35, begin + .02);
      volume.gain.exponentialRampToValueAtTime(.0001, begin + .2);
      tone.connect(volume).connect(sound.destination);
      tone.start(begin);
      tone.stop(begin + .22);
    }
  };
  button.addEventListener("click", () => {
    on = !on || sound?.state !== "running";
    localStorage.setItem(KEPT, on ? "on" : "off");
    ring(); // one hears at once how it sounds
    show();
  });
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, (event) => { if (on && !button.contains(event.target)) wake(); }, { passive: true });
  }
  button.hidden = false;
  show();
  return ring;
}
