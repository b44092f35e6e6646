Console.WriteLine("imclient");
