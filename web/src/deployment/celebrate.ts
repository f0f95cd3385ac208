// Confetti once for each deployment, and for nobody who was not looking or wants no motion.
const kept = 'golive-celebrated';

const celebrated = (): string[] => JSON.parse(localStorage.getItem(kept) ?? '[]') as string[];

export async function celebrate(id: string) {
  if (celebrated().includes(id)) return;
  localStorage.setItem(kept, JSON.stringify([...celebrated(), id].slice(-100)));
  if (document.visibilityState === 'hidden' || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const { default: confetti } = await import('canvas-confetti');
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  Object.assign(canvas.style, {
    position: 'fixed',
    inset: '0',
    width: '100%',
    height: '100%',
    pointerEvents: 'none',
    zIndex: '50',
  });
  document.body.append(canvas);
  const style = getComputedStyle(document.documentElement);
  const colors = ['--cross-a', '--cross-b', '--live', '--test']
    .map((name) => style.getPropertyValue(name))
    .filter((c) => c.startsWith('#'));
  // A worker would come from a blob, which the content policy forbids.
  await confetti.create(canvas, { resize: true, useWorker: false })({
    particleCount: 110,
    spread: 85,
    startVelocity: 42,
    origin: { y: 0.55 },
    ticks: 170,
    colors,
  });
  canvas.remove();
}
