export function percent(score) {
  // 99.7 % is not 100 %, nor 0.2 % nothing: only certainty is shown as such.
  if (score > 0 && score < 0.005) return '< 1 %';
  return `${score < 1 ? Math.min(Math.round(100 * score), 99) : 100} %`;
}

export function count(number) {
  return number.toLocaleString('en-US');
}

export function counted(number, noun, plural = `${noun}s`) {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
