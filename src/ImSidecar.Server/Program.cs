Console.WriteLine("imsidecar");
