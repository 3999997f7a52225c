// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

import PackageDescription

let camera: Target.Dependency = .product(name: "CameraKit", package: "swift-camera")
let server: Target.Dependency = .product(name: "CameraServer", package: "swift-camera")
let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)]

/// One recipe: a script in a folder of its name.
func recipe(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .executableTarget(name: name, dependencies: [camera, "SampleCamera"] + more, swiftSettings: settings)
}

let package = Package(
    name: "samples",
    dependencies: [.package(name: "swift-camera", path: "..")],
    targets: [
        .target(name: "SampleCamera", dependencies: [camera], swiftSettings: settings),
        recipe("timelapse"),
        recipe("rotating-files"),
        recipe("through-unplug"),
        recipe("pre-event"),
        recipe("motion-detector"),
        recipe("clock"),
        recipe("two-sizes"),
        recipe("two-cameras"),
        recipe("custom-output"),
        recipe("custom-encoder"),
        recipe("venc-bound"),
        recipe("venc-frames"),
        recipe("own-page", [server]),
        recipe("browser-motion", [server]),
        .executableTarget(
            name: "recipes", dependencies: [camera, server, "SampleCamera"], swiftSettings: settings),
        // The library as its users see it: it imports CameraKit alone, and implements all that they may.
        .testTarget(name: "ConsumerTests", dependencies: [camera], swiftSettings: settings),
        // The dependency has the program built that the tests run.
        .testTarget(name: "RecipeTests", dependencies: ["recipes"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
