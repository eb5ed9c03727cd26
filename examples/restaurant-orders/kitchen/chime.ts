import { signal } from '@preact/signals';

/** A browser lets a page sound only after somebody has touched it. */
export class Chime {
  readonly state = signal<'locked' | 'on' | 'muted'>('locked');
  #audio: AudioContext | undefined;

  /** To be called by a tap. */
  toggle(): void {
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
    this.state.value = this.state.value === 'on' ? 'muted' : 'on';
    this.play();
  }

  /** Two bell tones, the second one higher; they carry over a kitchen's noise. */
  play(): void {
    if (this.state.value !== 'on' || !this.#audio) return;
    this.#ring(this.#audio, 784, 0);
    this.#ring(this.#audio, 1175, 0.16);
  }

  #ring(audio: AudioContext, frequency: number, delaySeconds: number): void {
    const startsAt = audio.currentTime + delaySeconds;
    const tone = new OscillatorNode(audio, { type: 'triangle', frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, startsAt);
    volume.gain.linearRampToValueAtTime(0.5, startsAt + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.001, startsAt + 0.9);
    tone.connect(volume).connect(audio.destination);
    tone.start(startsAt);
    tone.stop(startsAt + 1);
  }
}
