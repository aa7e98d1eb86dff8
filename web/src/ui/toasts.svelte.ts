interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'warn';
}

/** The time for which a message is shown, in milliseconds. */
const SHOWN_MS = 6000;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  private count = 0;

  /** Says in passing that something is done. What must be read or decided belongs into a Notice or a Dialog. */
  say(text: string, tone: Toast['tone'] = 'good'): void {
    const id = (this.count += 1);
    this.list = [...this.list, { id, text, tone }].slice(-3);
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
