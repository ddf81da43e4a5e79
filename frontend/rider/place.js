/** "2.3512, 48.8567" to {lon, lat}; null for an empty text. Throws Error with the reason. Longitude comes first. */
export function parsePlace(text) {
  const words = text.trim().split(/[\s,;]+/).filter(Boolean);
  if (!words.length) return null;
  const [lon, lat] = words.map(Number);
  if (words.length !== 2 || !Number.isFinite(lon) || !Number.isFinite(lat)) throw new Error("Type longitude and latitude, such as 2.35120, 48.85670.");
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) throw new Error("Longitude goes from -180 to 180 and latitude from -90 to 90, longitude first.");
  return { lon, lat };
}

export const placeText = (place) => (place ? `${place.lon.toFixed(5)}, ${place.lat.toFixed(5)}` : "");

/** Where the browser says that we are. */
export function currentPosition() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error("This browser does not tell where you are. Tap the map instead."));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude }),
      () => reject(new Error("Your position could not be found. Tap the map instead.")),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
    );
  });
}
