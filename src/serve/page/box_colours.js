// Bright enough to stand on any photo with a dark edge, and to carry dark text.
const kColours = ['#ffb000', '#3db8ff', '#ff6b93', '#2fd37f', '#c792ff', '#ff8440', '#1fd6d0', '#e6de45',
  '#93aaff', '#ff95d6', '#9ed43f', '#dcb98a'];

export function colourOf(category) {
  return kColours[category % kColours.length];
}
