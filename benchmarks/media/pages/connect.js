// The codec wanted, and what WebRTC itself needs beside it to repair losses: as an application would have it.
function preferred(codec) {
  const known = RTCRtpSender.getCapabilities("video").codecs
  const named = name => known.filter(each => each.mimeType.toLowerCase() === `video/${name}`)
  return [...named(codec), ...named("rtx"), ...named("red"), ...named("ulpfec"), ...named("flexfec-03")]
}

// The description once all candidates are in it.
function described(peer) {
  return new Promise(resolve => {
    const done = () => peer.iceGatheringState === "complete" && resolve(peer.localDescription.sdp)
    peer.addEventListener("icegatheringstatechange", done)
    done()
  })
}
