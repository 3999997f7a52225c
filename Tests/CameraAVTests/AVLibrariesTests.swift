// SPDX-License-Identifier: MIT

#if Containers

import CAVFormat
import CameraAV
import CameraCore
import Testing

/// What is said when the libraries are not those that the program was built with.
struct AVLibrariesTests {
    @Test func aLibraryOfAnotherReleaseIsNamedWithTheRemedy() {
        let built = LIBAVFORMAT_VERSION_MAJOR + 1
        let error = #expect(throws: CameraError.self) { try AVLibraries.open("avformat", built) }
        #expect(error?.code == .missingLibrary)
        #expect(error?.subject == "libavformat.so.\(built)")
        let text = "\(error.map { "\($0)" } ?? "")"
        #expect(text.contains("this machine has version \(LIBAVFORMAT_VERSION_MAJOR)"), "\(text)")
        #expect(text.contains("build this program again"), "\(text)")
    }

    @Test func aLibraryThatIsNotThereIsNamedWithItsPackage() {
        let error = #expect(throws: CameraError.self) { try AVLibraries.open("avnothing", 3) }
        #expect(error?.code == .missingLibrary)
        let text = "\(error.map { "\($0)" } ?? "")"
        #expect(text.contains("install libavnothing3 (apt install ffmpeg)"), "\(text)")
    }
}

#endif
