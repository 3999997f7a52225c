// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)]

/// One recipe: a script in a folder of its name.
func recipe(_ name: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: "CameraKit", package: "swift-camera"), "SampleCamera"],
        swiftSettings: settings)
}

let package = Package(
    name: "samples",
    dependencies: [.package(name: "swift-camera", path: "..")],
    targets: [
        .target(
            name: "SampleCamera", dependencies: [.product(name: "CameraKit", package: "swift-camera")],
            swiftSettings: settings),
        recipe("timelapse"),
        recipe("rotating-files"),
        recipe("pre-event"),
        recipe("motion-detector"),
        recipe("clock"),
        recipe("two-sizes"),
        recipe("two-cameras"),
        recipe("custom-output"),
        recipe("custom-encoder"),
        recipe("venc-bound"),
        recipe("venc-frames"),
    ],
    swiftLanguageModes: [.v6]
)
